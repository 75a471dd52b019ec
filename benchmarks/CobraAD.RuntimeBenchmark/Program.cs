using System.Globalization;
using CobraAD.RuntimeBenchmark;

// Without arguments: the whole table. With two: one start-up in a process of its own. "parity MODEL DATA": a trained model beside its export on all test images.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["parity", string trained, string data]) Parity.Measure(trained, data);
else if (args is [string mode, string model]) StartUp.Measure(mode, model);
else Table.Print(args is [string rounds] ? int.Parse(rounds, CultureInfo.InvariantCulture) : 15);
