namespace CobraAD.Evaluation.Devices;

/// <summary>What one check of a device found.</summary>
/// <param name="Check">What was compared.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Measured">The numbers, or why there are none.</param>
/// <param name="Allowed">What they may be; empty where nothing is compared.</param>
/// <param name="Remedy">What to do when it failed.</param>
/// <param name="Seconds">How long it took on the device.</param>
/// <param name="ReferenceSeconds">How long the same took on the reference.</param>
public sealed record DeviceFinding(string Check, DeviceOutcome Outcome, string Measured, string Allowed, string Remedy, double Seconds, double ReferenceSeconds);
