//! The dependency groups of a `pyproject.toml`: PEP 735.

use toml::{Table, Value};

use super::requirements::normal_name;

/// The requirements of a group and of the groups that it includes.
pub fn members(pyproject: &str, group: &str) -> Result<Vec<String>, String> {
    let project: Table = pyproject.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let empty = Table::new();
    let groups = project.get("dependency-groups").and_then(Value::as_table).unwrap_or(&empty);
    let mut found = Vec::new();
    collect(groups, group, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn collect(
    groups: &Table,
    name: &str,
    above: &mut Vec<String>,
    found: &mut Vec<String>,
) -> Result<(), String> {
    let wanted = normal_name(name);
    if above.contains(&wanted) {
        return Err(format!("the dependency group `{name}` includes itself"));
    }
    let Some((_, group)) = groups.iter().find(|(known, _)| normal_name(known) == wanted) else {
        return Err(unknown(groups, name));
    };
    let bad = |what: &Value| format!("the dependency group `{name}` holds {what}, which is no requirement");
    above.push(wanted);
    for member in group.as_array().ok_or_else(|| bad(group))? {
        match (member, member.get("include-group").and_then(Value::as_str)) {
            (Value::String(requirement), _) => found.push(requirement.clone()),
            (_, Some(included)) => collect(groups, included, above, found)?,
            _ => return Err(bad(member)),
        }
    }
    above.pop();
    Ok(())
}

fn unknown(groups: &Table, name: &str) -> String {
    let known: Vec<_> = groups.keys().map(|known| format!("`{known}`")).collect();
    match known[..] {
        [] => format!("there is no dependency group `{name}`: pyproject.toml has no [dependency-groups]"),
        _ => format!("there is no dependency group `{name}`; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = r#"
        [dependency-groups]
        Web = ["flask>=3", {include-group = "base_group"}]
        base-group = ["six", {include-group = "deep"}]
        deep = ["PyYAML"]
        ring = [{include-group = "ring"}]
        odd = [{path = "x"}]
    "#;

    #[test]
    fn included_groups_are_part_of_a_group() {
        assert_eq!(members(PROJECT, "web").unwrap(), ["flask>=3", "six", "PyYAML"]);
    }

    #[test]
    fn what_cannot_be_followed_is_named() {
        for (group, words) in [
            ("ring", "`ring` includes itself"),
            ("odd", "`odd` holds { path = \"x\" }, which is no requirement"),
            ("none", "no dependency group `none`; there are `Web`, `base-group`"),
        ] {
            let error = members(PROJECT, group).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        assert!(members("[project]", "web").unwrap_err().contains("has no [dependency-groups]"));
        assert!(members("x = ", "web").unwrap_err().contains("line 1"));
    }
}
