namespace CobraAD.Cli;

/// <summary>The command line or a configuration file asks for something impossible; ends with exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
