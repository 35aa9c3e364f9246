//! Nothing: this package is its tests, one binary with a module per group (`tests/all`).
