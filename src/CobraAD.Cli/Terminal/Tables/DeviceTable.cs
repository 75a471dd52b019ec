using System.Globalization;
using CobraAD.Evaluation.Devices;
using Spectre.Console;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>The findings about a device, and what to do about those that failed.</summary>
internal static class DeviceTable
{
    public static Table Of(IEnumerable<DeviceFinding> findings)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("check", "", "measured", "allowed", "device", "reference");
        foreach (DeviceFinding finding in findings)
            table.AddRow(Markup.Escape(finding.Check), InWords(finding.Outcome), Markup.Escape(Visible.Of(finding.Measured)), Markup.Escape(finding.Allowed), Seconds(finding.Seconds), Seconds(finding.ReferenceSeconds));
        return table;
    }

    /// <summary>One line, for who waits for the next.</summary>
    public static string Line(DeviceFinding finding) => $"{InWords(finding.Outcome)}  {finding.Check}: {finding.Measured}";

    private static string InWords(DeviceOutcome outcome) => outcome switch { DeviceOutcome.Pass => "PASS", DeviceOutcome.Fail => "FAIL", _ => "SKIPPED" };

    private static string Seconds(double value) => value.ToString("0.00 s", CultureInfo.InvariantCulture);
}
