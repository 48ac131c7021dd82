"""The layers' arithmetic in native code: forward and backward through all steps of a layer in one call."""
