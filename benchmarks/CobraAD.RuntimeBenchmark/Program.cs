using System.Globalization;
using CobraAD.RuntimeBenchmark;

// Without arguments: the whole table. With them: one start-up in a process of its own.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is [string mode, string model]) StartUp.Measure(mode, model);
else Table.Print(args is [string rounds] ? int.Parse(rounds, CultureInfo.InvariantCulture) : 15);
