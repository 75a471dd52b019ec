using CobraAD.Datasets;
using CobraAD.Losses;
using CobraAD.Methods.Cobra;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using CobraAD.Training;
using CobraAD.Training.Adversarial;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Torch;

/// <summary>What a CUDA device computes beside what the CPU computes. Skipped where there is none: a skipped test has shown nothing.</summary>
public sealed class CudaParityTests
{
    private static readonly PairLayout Layout = new(4, 3);

    [SkippableTheory]
    [InlineData(ResNetStem.Cifar, 32)]
    [InlineData(ResNetStem.ImageNet, 64)]
    public void Outputs_and_gradients_of_the_images_agree(ResNetStem stem, int side)
    {
        Device cuda = RequireCuda();
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork(stem);

        (Tensor onCpu, Tensor gradientOnCpu) = Pass(CPU);
        (Tensor onCuda, Tensor gradientOnCuda) = Pass(cuda);

        TensorAssert.Close(onCpu, onCuda, 1e-4);
        // A ReLU at its bend may open on one device only, so single entries may differ more.
        Assert.True(((gradientOnCpu - gradientOnCuda.cpu()).norm() / gradientOnCpu.norm()).item<float>() < 1e-2);

        (Tensor, Tensor) Pass(Device device)
        {
            network.to(device);
            Tensor images = TestImages.Uniform(4, side).to(device).requires_grad_();
            Tensor embeddings = network.Embed(images);
            autograd.backward([embeddings.square().sum()], inputs: [images]);
            return (embeddings.detach(), images.grad!);
        }
    }

    [SkippableFact]
    public void The_training_attack_starts_at_the_same_points_and_gains_as_much()
    {
        Device cuda = RequireCuda();
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork(ResNetStem.Cifar);
        CobraObjective objective = new(ContrastiveLosses.Create(new ContrastiveLossOptions()));

        AdversarialBatch onCpu = Attack(CPU), onCuda = Attack(cuda);

        TensorAssert.Close(onCpu.ObjectiveAtStart, onCuda.ObjectiveAtStart, 1e-3);
        float gain = (onCpu.ObjectiveAtEnd! - onCpu.ObjectiveAtStart).mean().item<float>(), gainOnCuda = (onCuda.ObjectiveAtEnd! - onCuda.ObjectiveAtStart).mean().item<float>();
        Assert.InRange(gainOnCuda, 0.95f * gain, 1.05f * gain);

        AdversarialBatch Attack(Device device)
        {
            network.to(device);
            InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 8 / 255.0 });
            using Generator rng = new RandomStreams(1).Create("attack");
            Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * Layout.Samples, 32, seed: 2).to(device));
            return attack.Run(network, TestImages.Uniform(Layout.Samples, 32).to(device), keys, Layout, objective, rng, measureEnd: true);
        }
    }

    [SkippableTheory]
    [InlineData(TrainingPrecision.Full)]
    [InlineData(TrainingPrecision.BFloat16)]
    public void A_training_gives_a_detector_that_scores_alike_on_both_devices(TrainingPrecision precision)
    {
        Device cuda = RequireCuda();
        using DisposeScope scope = NewDisposeScope();
        using ImageSet images = SmallTraining.Images();

        using CobraDetector detector = new CobraTrainer(SmallTraining.Options with { Precision = precision }).Train(images, new TrainingSession { Device = cuda });
        Tensor onCuda = detector.Score(images.Batch(0, 8, cuda)).detach().cpu();
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.cobra");
        try
        {
            detector.Save(file);
            using CobraDetector onCpu = CobraDetector.Load(file);

            Assert.All(detector.Card.Health.Epochs, epoch => Assert.True(double.IsFinite(epoch.Loss)));
            TensorAssert.Close(onCpu.Score(images.Batch(0, 8)).detach(), onCuda, 1e-4);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [SkippableFact]
    public void Uploads_arrive_whole()
    {
        Device cuda = RequireCuda();
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < 20; i++)
        {
            Tensor sent = TestImages.Uniform(64, 32, seed: i);
            TensorAssert.SameBits(sent, DeviceUpload.To(sent, cuda).cpu());
        }
    }

    private static Device RequireCuda()
    {
        Skip.IfNot(cuda.is_available(), $"Needs a CUDA device, and {TorchRuntime.LibTorchVariable} to name the lib folder of a libtorch built for it.");
        return device(DeviceType.CUDA, 0);
    }

    private static CobraNetwork CreateNetwork(ResNetStem stem)
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        CobraNetwork network = new(new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = stem, WidthFactor = 0.25 }, EmbeddingSize = 16 }, rng);
        network.eval();
        return network;
    }
}
