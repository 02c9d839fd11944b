//! The `verify` executable: see the library of the same name.

fn main() -> anyhow::Result<()> {
    verify::worker::serve(0)
}
