using System.Diagnostics;
using System.Globalization;

namespace CobraAD.Evaluation.Devices;

/// <summary>One check: the same computation on both devices, and how far apart the results may be.</summary>
/// <param name="Check">What is compared.</param>
/// <param name="Allowed">The largest distance that passes.</param>
/// <param name="Remedy">What to do when it is larger.</param>
internal sealed record DeviceComparison(string Check, double Allowed, string Remedy)
{
    /// <summary>Computes on the reference, then on the device.</summary>
    /// <param name="compute">Given whether it is the device's turn.</param>
    /// <param name="distance">Of the reference's result and the device's; NaN fails.</param>
    public DeviceFinding Run<T>(Func<bool, T> compute, Func<T, T, double> distance)
    {
        double onReference = 0, onDevice = 0;
        try
        {
            T expected = Timed(() => compute(false), out onReference), found = Timed(() => compute(true), out onDevice);
            double apart = distance(expected, found);
            return Finding(apart <= Allowed ? DeviceOutcome.Pass : DeviceOutcome.Fail, Number(apart));
        }
        catch (NotSupportedException refused)
        {
            return Finding(DeviceOutcome.Skipped, FirstLine(refused.Message));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever a foreign library throws is a finding about it.
            return Finding(DeviceOutcome.Fail, FirstLine(exception.Message));
        }

        DeviceFinding Finding(DeviceOutcome outcome, string measured) => new(Check, outcome, measured, $"at most {Number(Allowed)}", Remedy, onDevice, onReference);
    }

    private static T Timed<T>(Func<T> compute, out double seconds)
    {
        long started = Stopwatch.GetTimestamp();
        T result = compute();
        seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return result;
    }

    private static string Number(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();
}
