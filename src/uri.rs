//! Paths in URIs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What stands in a URI's path as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The bytes of a path as a part of a URI.
pub fn encoded(path: &[u8]) -> String {
    percent_encode(path, KEPT).to_string()
}
