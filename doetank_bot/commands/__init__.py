"""The commands: words, parameters, who may, and a pure decision each."""
