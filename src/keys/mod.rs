//! How needs are written, as TOML: in a configuration, and in a directive of a guide. Every part knows its
//! place, so that whatever turns out to be wrong with it can be pointed at.

mod placed;
mod problem;
mod text_or;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::Value;

use crate::needs::Service;
pub use placed::Placed;
pub use problem::{Problem, instead, near, parse};
pub use text_or::TextOr;

/// A text: as it stands, or that of a file.
pub type Text = TextOr<From>;

/// Where something is read from.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct From {
    /// The path of a file or folder, from the configuration's folder.
    pub path: Placed<String>,
}

/// What a URL answers: a body, or a whole response.
pub type Answer = TextOr<Response>;

/// A response over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Response {
    /// The status code; 200 without one.
    #[schemars(range(min = 100, max = 599))]
    pub status: Option<Placed<u16>>,
    /// The headers.
    pub headers: BTreeMap<Placed<String>, String>,
    /// The body.
    pub body: Option<String>,
    /// The path of a file with the body, from the configuration's folder.
    pub path: Option<Placed<String>>,
}

/// Makes a table that has the keys of every scope beside its own. Serde's `flatten` would do the same, but
/// knows no places and refuses no unknown keys.
macro_rules! table {
    ($(#[$meta:meta])* $name:ident { $($(#[$own_meta:meta])* $own:ident: $type:ty,)* }) => {
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        $(#[$meta])*
        pub struct $name {
            $($(#[$own_meta])* pub $own: $type,)*
            /// Packages to install, as in `PyYAML>=6`.
            pub packages: Vec<Placed<String>>,
            /// Requirements files with packages to install; paths from the configuration's folder.
            pub requirements: Vec<Placed<String>>,
            /// Dependency groups of `pyproject.toml` to install.
            pub groups: Vec<Placed<String>>,
            /// Whether packages may be built from source; without it only wheels are installed.
            pub allow_source: Option<Placed<bool>>,
            /// Servers that run beside the snippet.
            pub services: Vec<Placed<Service>>,
            /// Files and folders that the snippet finds in its folder: a text, or `{ path = "…" }`.
            pub files: BTreeMap<Placed<String>, Text>,
            /// Environment variables.
            pub env: BTreeMap<Placed<String>, Placed<String>>,
            /// What is typed: a text, or `{ path = "…" }`.
            pub stdin: Option<Text>,
            /// Python that runs before the snippet, in its namespace: a text, or `{ path = "…" }`.
            pub setup: Option<Placed<Text>>,
            /// SQLite databases that the snippet finds in its folder, each with its SQL: a text, or
            /// `{ path = "…" }`.
            pub sqlite: BTreeMap<Placed<String>, Placed<Text>>,
            /// What URLs answer: a body, or `{ status, headers, body, path }`.
            pub http: BTreeMap<Placed<String>, Placed<Answer>>,
            /// Seconds of real time that the snippet may take.
            #[schemars(range(min = 0.001, max = 86_400))]
            pub timeout: Option<Placed<f64>>,
            /// Why the snippet is not run.
            pub skip: Option<Placed<String>>,
        }
    };
    (keys $name:ident) => {
        impl $name {
            /// What it says about needs.
            pub fn keys(&self) -> Keys {
                let own = self.clone();
                Keys {
                    packages: own.packages,
                    requirements: own.requirements,
                    groups: own.groups,
                    allow_source: own.allow_source,
                    services: own.services,
                    files: own.files,
                    env: own.env,
                    stdin: own.stdin,
                    setup: own.setup,
                    sqlite: own.sqlite,
                    http: own.http,
                    timeout: own.timeout,
                    skip: own.skip,
                }
            }
        }
    };
}

table! {
    /// What a block, a snippet or a directive says.
    Keys {}
}

table! {
    /// What is said about some guides.
    GuideKeys {
        /// Which guides: a path from the configuration's folder, or a glob.
        #[schemars(required)]
        path: Placed<String>,
        /// What is said about their blocks, by label.
        block: BTreeMap<Placed<String>, Keys>,
        /// What is said about their snippets, by id.
        snippet: BTreeMap<Placed<String>, Keys>,
    }
}

table! {
    /// The configuration of a project: `verify.toml`, or `[tool.verify]` in `pyproject.toml`.
    #[schemars(title = "verify.toml")]
    ProjectKeys {
        /// The guides that a bare `verify` checks, as globs from the configuration's folder.
        guides: Vec<Placed<String>>,
        /// The Pythons that run the guides: versions, or paths of interpreters.
        python: Vec<Placed<String>>,
        /// What is said about single guides.
        guide: Vec<GuideKeys>,
    }
}

/// The JSON schema of a configuration, for editors.
pub fn schema() -> String {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null));
    format!("{:#}", settings.into_generator().into_root_schema_for::<ProjectKeys>().to_value())
}

/// TOML has no null: what can be left out is left out.
fn without_null(schema: &mut Schema) {
    let null = |value: &Value| *value == "null" || value["type"] == "null";
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|value| !null(value));
        if let [only] = &types[..] {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|value| !null(value));
    }
}

table!(keys GuideKeys);
table!(keys ProjectKeys);

#[cfg(test)]
mod tests;
