using CobraAD.Export;
using CobraAD.Methods.Cobra;
using CobraAD.Networks.Residual;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.RuntimeBenchmark;

/// <summary>
/// CobraAD.Runtime against TorchSharp with one thread each. Both take turns in one process and are measured by its processor time, so
/// that what else runs on the machine disturbs little and both alike; the medians' ratio is what counts. TorchSharp gets its images as tensors, the runtime as bytes that it still has to convert.
/// </summary>
internal static class Table
{
    public static void Print(int rounds)
    {
        TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 1 });
        string folder = Directory.CreateTempSubdirectory("cobra-benchmark-").FullName;
        try
        {
            Console.WriteLine("ResNet-18           | batch | TorchSharp ms/image | Runtime ms/image | ratio");
            foreach ((int size, ResNetStem stem) in ((int, ResNetStem)[])[(224, ResNetStem.ImageNet), (32, ResNetStem.Cifar)])
            {
                using CobraDetector torchDetector = RandomModel.Create(size, stem);
                string onnx = Path.Combine(folder, $"{size}.onnx");
                OnnxExport.Write(torchDetector, onnx);
                using RobustDetector runtime = RobustDetector.Load(onnx, new RobustDetectorOptions { Threads = 1 });
                foreach (int batch in (int[])[1, 32]) Compare(torchDetector, runtime, size, stem, batch, rounds);
            }

            PrintStartUp(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Compare(CobraDetector torchDetector, RobustDetector runtime, int size, ResNetStem stem, int batch, int rounds)
    {
        using Generator rng = new(2, CPU);
        using Tensor images = rand([batch, 3, size, size], generator: rng);
        PixelLayout layout = new(PixelFormat.Rgb, size, size);
        ReadOnlyMemory<byte>[] pixels = [.. Enumerable.Range(0, batch).Select(i =>
        {
            byte[] image = new byte[3 * size * size];
            new Random(i).NextBytes(image);
            return (ReadOnlyMemory<byte>)image;
        })];
        // A round lasts about as long for one image as for a batch.
        int repeats = 32 / batch;
        List<double> inTorch = [];
        List<double> inRuntime = [];
        for (int round = -2; round < rounds; round++)
        {
            double one = Time(repeats, () => ScoreInTorch(torchDetector, images));
            double other = Time(repeats, () => Score(runtime, pixels, layout));
            if (round < 0) continue;
            inTorch.Add(one / batch);
            inRuntime.Add(other / batch);
        }

        Console.WriteLine($"{size} px, {stem + " stem",-13} | {batch,5} | {Median(inTorch),19:F2} | {Median(inRuntime),16:F2} | {Median(inRuntime) / Median(inTorch):F2}");
    }

    private static void PrintStartUp(string folder)
    {
        Console.WriteLine();
        Console.WriteLine("start to first score | TorchSharp ms | Runtime ms | MiB at most |   Runtime | MiB in the end | Runtime");
        foreach ((int size, ResNetStem stem) in ((int, ResNetStem)[])[(224, ResNetStem.ImageNet), (32, ResNetStem.Cifar)])
        {
            string cobra = Path.Combine(folder, $"{size}.cobra");
            using (CobraDetector detector = RandomModel.Create(size, stem)) detector.Save(cobra);
            List<(double Milliseconds, double Peak, double Held)> inTorch = [], inRuntime = [];
            for (int round = 0; round < 5; round++)
            {
                inTorch.Add(StartUp.InNewProcess("torch", cobra));
                inRuntime.Add(StartUp.InNewProcess("runtime", Path.ChangeExtension(cobra, ".onnx")));
            }

            Console.WriteLine(
                $"{size} px{"",-14} | {Median(inTorch.Select(run => run.Milliseconds)),13:F0} | {Median(inRuntime.Select(run => run.Milliseconds)),10:F0} | "
                + $"{Median(inTorch.Select(run => run.Peak)),11:F0} | {Median(inRuntime.Select(run => run.Peak)),9:F0} | "
                + $"{Median(inTorch.Select(run => run.Held)),14:F0} | {Median(inRuntime.Select(run => run.Held)),7:F0}");
        }
    }

    private static void ScoreInTorch(CobraDetector detector, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        _ = detector.Score(images).data<double>()[0];
    }

    private static void Score(RobustDetector detector, ReadOnlyMemory<byte>[] pixels, PixelLayout layout)
    {
        if (pixels.Length == 1) detector.Score(pixels[0].Span, layout);
        else detector.ScoreBatch(pixels, layout);
    }

    private static double Time(int repeats, Action work)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < repeats; i++) work();
        return (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / repeats;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
