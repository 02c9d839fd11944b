//! The library links libpython: the targets must find the one that it was built with.

fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
}
