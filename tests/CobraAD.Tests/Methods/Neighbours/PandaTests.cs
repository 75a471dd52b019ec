using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Common;
using CobraAD.Methods.Neighbours;
using CobraAD.Networks.Backbones;
using CobraAD.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Neighbours;

public sealed class PandaTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private static readonly PandaOptions Tiny = (PandaOptions)TrainedMethods.TinyOptions("panda");

    [Fact]
    public void Elastic_weights_cost_nothing_where_they_start_and_grow_with_the_square_of_the_way()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using Backbone backbone = BackboneStore.Open(Tiny.Backbone, rng);
        Parameter[] parameters = [.. backbone.Network.LateParameters().Select(entry => entry.Parameter)];
        TrainingLoop run = new(trained.Train, 0, new TrainingSession());
        using ElasticWeights elastic = ElasticWeights.Measure(backbone, run, images: 5, parameters);

        double start = elastic.Penalty().item<float>();
        Move(0.01);
        double near = elastic.Penalty().item<float>();
        Move(0.01);
        double far = elastic.Penalty().item<float>();

        Assert.Equal(0, start);
        Assert.True(near > 0);
        Assert.InRange(far / near, 3.9, 4.1);

        void Move(double step)
        {
            using IDisposable frozen = no_grad();
            foreach (Parameter parameter in parameters) parameter.add_(step);
        }
    }

    [Fact]
    public void Elastic_weights_train_and_are_named()
    {
        using ITrainedDetector detector = DetectionMethods.Train(Tiny with { Epochs = 1, ElasticWeight = 1e4, FisherImages = 4 }, trained.Train);

        Assert.Equal("PANDA-EWC (ResNet18, random weights: not comparable with published numbers)", detector.Name);
    }

    [Fact]
    public void Only_the_last_two_stages_are_trained()
    {
        using Generator rng = new(1, CPU);
        using Backbone backbone = BackboneStore.Open(Tiny.Backbone, rng);

        Assert.All(backbone.Network.LateParameters(), entry => Assert.Matches("^layer[34]\\.", entry.Name));
        Assert.NotEmpty(backbone.Network.LateParameters());
    }

    [Fact]
    public void Adaptation_draws_the_features_together()
    {
        DetectorOptions dn2 = TrainedMethods.TinyOptions("dn2");
        using ITrainedDetector before = DetectionMethods.Train(dn2, trained.Train);
        using ITrainedDetector after = DetectionMethods.Train(Tiny with { Epochs = 3, GradientLimit = 1 }, trained.Train);

        Assert.True(after.ScoreAll(trained.Test).Take(12).Average() < before.ScoreAll(trained.Test).Take(12).Average());
    }
}
