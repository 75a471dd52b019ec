// A program that calls one entry of the library, without a word of TorchRuntime.Initialize, and prints which libtorch is in the process then.
// FirstCall open FOLDER | load MODEL | foreign TORCHSCRIPT | draw | device

using CobraAD;
using CobraAD.Torch;

try
{
    using IDisposable? result = args[0] switch
    {
        "open" => Detector.Open(args[1]),
        "load" => Detector.Load(args[1]),
        "foreign" => Detector.Foreign(args[1]),
        "draw" => new RandomStreams(0).Create("first call"),
        "device" => Opened(),
        _ => throw new ArgumentException($"There is no entry '{args[0]}'."),
    };
}
catch (TorchLoadException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

Console.WriteLine(File.ReadLines("/proc/self/maps").First(line => line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal)).Split(' ')[^1]);
return 0;

static IDisposable? Opened()
{
    TorchRuntime.OpenDevice("cpu");
    return null;
}
