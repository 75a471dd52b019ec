using System.Diagnostics;
using CobraAD.Methods.Cobra;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.RuntimeBenchmark;

/// <summary>Time from the start of a process to its first score, and the memory it took.</summary>
internal static class StartUp
{
    /// <summary>Runs in the new process.</summary>
    public static void Measure(string mode, string model)
    {
        int size = int.Parse(Path.GetFileNameWithoutExtension(model));
        if (mode == "runtime")
        {
            using RobustDetector detector = RobustDetector.Load(model, new RobustDetectorOptions { Threads = 1, WarmUp = false });
            detector.Score(new byte[3 * size * size], new PixelLayout(PixelFormat.Rgb, size, size));
            Report();
        }
        else
        {
            TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 1 });
            using CobraDetector detector = CobraDetector.Load(model);
            using IDisposable frozen = no_grad();
            using Tensor image = zeros(1, 3, size, size);
            using Tensor score = detector.Score(image);
            Report();
        }
    }

    /// <summary>Starts a process for one measurement: milliseconds, and MiB that it took at most and that it held in the end.</summary>
    public static (double Milliseconds, double Peak, double Held) InNewProcess(string mode, string model)
    {
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [mode, model]) { RedirectStandardOutput = true })!;
        string[] numbers = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return (double.Parse(numbers[0]), double.Parse(numbers[1]), double.Parse(numbers[2]));
    }

    private static void Report()
    {
        using Process self = Process.GetCurrentProcess();
        Console.WriteLine($"{(DateTime.Now - self.StartTime).TotalMilliseconds:F0} {self.PeakWorkingSet64 / 1048576.0:F0} {self.WorkingSet64 / 1048576.0:F0}");
    }
}
