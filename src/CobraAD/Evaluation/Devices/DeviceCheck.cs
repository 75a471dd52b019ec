using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Losses;
using CobraAD.Methods.Cobra;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Torch;
using CobraAD.Torch.Files;
using CobraAD.Training;
using CobraAD.Training.Adversarial;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Devices;

/// <summary>
/// Whether a device computes what another one computes: uploads, networks and their gradients, the training attack, whole trainings in float32, TF32
/// and bfloat16, and PGD against the detector of one. It is what shows that a GPU may be trusted with a robustness number.
/// </summary>
/// <param name="device">The device in question.</param>
/// <param name="reference">What it is compared with, usually the CPU.</param>
public sealed class DeviceCheck(Device device, Device reference)
{
    private const string Exactness = "The device computes something else than the CPU. Check the driver and that libtorch is the 2.10 built for it; report it with this table.";
    private const string TrainingRemedy = "A training on this device is not the training on a CPU. Train with --tf32 false and --precision fp32, and report it with this table.";

    private static readonly PairLayout Layout = new(4, 3);

    /// <summary>What happens to a network before it computes on the device; for tests, which must see a wrong device found out.</summary>
    internal Action<CobraNetwork> OnDevice { get; init; } = _ => { };

    /// <summary>Runs all checks; a failed one does not stop the others. About a minute on a CPU.</summary>
    /// <param name="found">Told after each check: a library that does not fit may end the process in the next one.</param>
    /// <param name="cancellation">Stops between two checks.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<DeviceFinding> Run(Action<DeviceFinding>? found = null, CancellationToken cancellation = default)
    {
        List<DeviceFinding> findings = [];
        foreach (Func<DeviceFinding> check in (Func<DeviceFinding>[])
            [
                Uploads, () => Outputs(ResNetStem.Cifar, 32), () => Outputs(ResNetStem.ImageNet, 64), () => Gradients(ResNetStem.Cifar, 32), () => Gradients(ResNetStem.ImageNet, 64), TrainingAttack,
                () => Training("training, float32", TrainingPrecision.Full, TensorFloat32Use.Never, 0.02), () => Training("training, TF32", TrainingPrecision.Full, TensorFloat32Use.Training, 0.05),
                () => Training("training, bfloat16", TrainingPrecision.BFloat16, TensorFloat32Use.Training, 0.1), Pgd,
            ])
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            DeviceFinding finding = check();
            findings.Add(finding);
            found?.Invoke(finding);
        }

        return findings;
    }

    private DeviceFinding Uploads() => new DeviceComparison(
        "uploads arrive whole", 0, "Bytes change on the way to the device: its memory or its bus is faulty, or another process resets it. Run the vendor's memory test.").Run(
        onDevice => cat([.. Enumerable.Range(0, 20).Select(i => DeviceUpload.To(Uniform(64, 32, i), Place(onDevice)).cpu())]), Largest);

    private DeviceFinding Outputs(ResNetStem stem, int side) => new DeviceComparison($"embeddings, {side} px", 1e-4, Exactness).Run(onDevice => Pass(stem, side, onDevice).Embeddings, Relative);

    /// <summary>A ReLU at its bend may open on one device only, so more is allowed than for the outputs.</summary>
    private DeviceFinding Gradients(ResNetStem stem, int side) => new DeviceComparison($"gradients of the images, {side} px", 1e-2, Exactness).Run(onDevice => Pass(stem, side, onDevice).Gradient, Relative);

    private DeviceFinding TrainingAttack() => new DeviceComparison(
        "gain of the training attack", 0.05, "The attack inside training gains something else: a training there would be another one. Report it with this table.").Run(
        Gain, (expected, found) => Math.Abs(found - expected) / Math.Abs(expected));

    private DeviceFinding Training(string check, TrainingPrecision precision, TensorFloat32Use rounding, double allowed) => new DeviceComparison($"{check}: loss", allowed, TrainingRemedy).Run(
        onDevice =>
        {
            // The reference computes in float32 always: what rounding costs is what is compared.
            using CobraDetector detector = Train(onDevice, onDevice ? precision : TrainingPrecision.Full, rounding);
            return detector.Card.Health.Epochs[^1].Loss;
        },
        (expected, found) => Math.Abs(found - expected) / Math.Abs(expected));

    /// <summary>One detector, trained on the reference, attacked on both devices.</summary>
    private DeviceFinding Pgd()
    {
        using CobraDetector trained = Train(onDevice: false, TrainingPrecision.Full, TensorFloat32Use.Never);
        string file = Path.Combine(ScratchFolder.Find(), $"cobra-{Guid.NewGuid():N}.cobra");
        try
        {
            trained.Save(file);
            return new DeviceComparison("scores under PGD", 1e-2, "An attack on this device is weaker or stronger than on a CPU, so is every robustness number. Evaluate on the CPU, and report it with this table.").Run(
                onDevice =>
                {
                    using CobraDetector detector = CobraDetector.Load(file, Place(onDevice));
                    if (onDevice) OnDevice(detector.Network);
                    using ImageSet images = Blobs(12);
                    bool[] labels = [.. Enumerable.Range(0, 12).Select(i => i >= 6)];
                    RobustnessEvaluator evaluator = new(detector, ThreatModel.Parse("4/255"), AttackRecipe.ParseMany("pgd:steps=10"));
                    using RobustnessResult result = evaluator.Evaluate(new EvaluationSet(images, labels));
                    return tensor(result.Union.Scores.ToArray());
                },
                Relative);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private (Tensor Embeddings, Tensor Gradient) Pass(ResNetStem stem, int side, bool onDevice)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Network(stem, onDevice);
        Tensor images = Uniform(4, side, 1).to(Place(onDevice)).requires_grad_();
        Tensor embeddings = network.Embed(images);
        autograd.backward([embeddings.square().sum()], inputs: [images]);
        return (embeddings.detach().cpu().MoveToOuterDisposeScope(), images.grad!.cpu().MoveToOuterDisposeScope());
    }

    private double Gain(bool onDevice)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Network(ResNetStem.Cifar, onDevice);
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 8 / 255.0 });
        using Generator rng = new RandomStreams(1).Create("attack");
        Tensor keys = attack.EncodeKeys(network, Uniform(2 * Layout.Samples, 32, 2).to(Place(onDevice)));
        AdversarialBatch found = attack.Run(
            network, Uniform(Layout.Samples, 32, 1).to(Place(onDevice)), keys, Layout, new CobraObjective(ContrastiveLosses.Create(new ContrastiveLossOptions())), rng, measureEnd: true);
        return (found.ObjectiveAtEnd! - found.ObjectiveAtStart).mean().item<float>();
    }

    private CobraDetector Train(bool onDevice, TrainingPrecision precision, TensorFloat32Use rounding)
    {
        TensorFloat32Use before = TensorFloat32.Use;
        TensorFloat32.Use = rounding;
        try
        {
            ResNetOptions encoder = new() { Stem = ResNetStem.Strided, WidthFactor = 0.125 };
            using ImageSet images = Blobs(32);
            return new CobraTrainer(new CobraOptions
            {
                Network = new CobraNetworkOptions { Encoder = encoder, EmbeddingSize = 16 },
                PseudoAnomalies = new PseudoAnomalyOptions { Filter = false, Transforms = ["rotation", "noise", "cutout"] },
                Attack = new InnerMaximizationOptions { Epsilon = 4 / 255.0, Steps = 2 },
                Optimizer = new OptimizerOptions { Name = "adam" },
                LearningRate = new LearningRateSchedule { Peak = 1e-3, WarmUpEpochs = 0.5 },
                Epochs = 2,
                BatchSize = 8,
                Precision = precision,
            }).Train(images, new TrainingSession { Device = Place(onDevice) });
        }
        finally
        {
            TensorFloat32.Use = before;
        }
    }

    private CobraNetwork Network(ResNetStem stem, bool onDevice)
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        CobraNetwork network = new(new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = stem, WidthFactor = 0.25 }, EmbeddingSize = 16 }, rng);
        return Handover.OrDispose(network, () =>
        {
            network.eval();
            network.to(Place(onDevice));
            if (onDevice) OnDevice(network);
            return network;
        });
    }

    private Device Place(bool onDevice) => onDevice ? device : reference;

    private static Tensor Uniform(int count, int side, long seed)
    {
        using Generator rng = new RandomStreams(seed).Create("images");
        return rand([count, 3, side, side], generator: rng);
    }

    /// <summary>Smooth noise: a quarter of the resolution, enlarged.</summary>
    private static ImageSet Blobs(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = nn.functional.interpolate(Uniform(count, 8, 3), [32, 32], mode: InterpolationMode.Bilinear, align_corners: false).mul(255).to(ScalarType.Byte);
        return new ImageSet("blobs", pixels, [.. Enumerable.Range(0, count).Select(i => $"blob {i}")]);
    }

    private static double Largest(Tensor expected, Tensor found) => (expected - found).abs().max().to(ScalarType.Float64).item<double>();

    private static double Relative(Tensor expected, Tensor found) =>
        ((expected - found).norm() / expected.norm()).to(ScalarType.Float64).item<double>();
}
