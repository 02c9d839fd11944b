//! Guides that nobody writes by mistake.
