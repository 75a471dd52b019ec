namespace CobraAD.Detection;

/// <summary>An operating point without the scores that it comes from.</summary>
/// <param name="Threshold">A raw score above it is anomalous.</param>
/// <param name="FalseAlarmRate">The rate that was asked for.</param>
/// <param name="FalseAlarmBound">With 95 % confidence the true rate is at most this; 1 when nothing is promised.</param>
/// <param name="Count">Number of good images that it comes from.</param>
/// <param name="HeldOut">Whether these were kept out of training and bank.</param>
public sealed record UpdatedThreshold(double Threshold, double FalseAlarmRate, double FalseAlarmBound, int Count, bool HeldOut)
{
    internal static UpdatedThreshold Of(ScoreCalibration calibration) =>
        new(calibration.Threshold, calibration.FalseAlarmRate, calibration.FalseAlarmBound, calibration.Count, calibration.HeldOut);
}
