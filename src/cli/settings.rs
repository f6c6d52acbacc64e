//! From the configuration to the plain values that the API wants.
