using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.ReContrast;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.ReContrast;

public sealed class ReContrastTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    [Fact]
    public void The_distance_of_a_place_is_one_minus_the_cosine()
    {
        using DisposeScope scope = NewDisposeScope();
        MapPair pair = RandomPair(2, 3, 4);

        TensorAssert.Close(1 - nn.functional.cosine_similarity(pair.Encoded, pair.Decoded, dim: 1).unsqueeze(1), pair.Distance(), 1e-10);
        TensorAssert.Close(1 - nn.functional.cosine_similarity(pair.Encoded.flatten(1), pair.Decoded.flatten(1), dim: 1).unsqueeze(1), pair.WholeDistance(), 1e-10);
    }

    [Fact]
    public void Directions_that_almost_agree_have_a_distance_beyond_the_rounding_of_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1f, 0 }).view(1, 2, 1, 1), b = tensor(new[] { 1f, 1e-5f }).view(1, 2, 1, 1);

        Assert.Equal(5e-11, new MapPair(a, b).Distance().item<float>(), 1e-13);
    }

    [Theory]
    [InlineData(-3.0)]
    [InlineData(0.3)]
    public void The_loss_and_its_gradient_are_those_of_a_second_computation(double mining)
    {
        using DisposeScope scope = NewDisposeScope();
        MapPair[] pairs = [.. Enumerable.Range(0, 6).Select(i => RandomPair(2, 3, 2 + i % 3, seed: i))];
        foreach (MapPair pair in pairs)
        {
            pair.Encoded.requires_grad_();
            pair.Decoded.requires_grad_();
        }

        Tensor loss = ReContrastLoss.Of(pairs, mining);
        loss.backward();

        // 1 - e·d/(‖e‖‖d‖) of each image and pair, in plain numbers; its derivative to d_j is -(e_j/‖e‖ - cos d_j/‖d‖)/‖d‖.
        double expected = 0;
        foreach (MapPair pair in pairs)
        {
            (double value, double[] gradient) = Reference(pair, mining);
            expected += value / 2;
            Assert.Null(pair.Encoded.grad);
            double[] found = pair.Decoded.grad!.flatten().data<double>().ToArray();
            for (int i = 0; i < found.Length; i++) Assert.Equal(gradient[i] / 2, found[i], 1e-12);
        }

        Assert.Equal(expected, loss.item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(0, -3)]
    [InlineData(100, -1)]
    [InlineData(200, 1)]
    [InlineData(1999, 1)]
    public void Mining_reaches_its_end_after_a_tenth_of_the_steps(long step, double expected) =>
        Assert.Equal(expected, ReContrastLoss.MiningAt(step, 2000, 1), 1e-12);

    [Fact]
    public void The_map_is_the_blurred_sum_of_the_enlarged_distances()
    {
        using DisposeScope scope = NewDisposeScope();
        MapPair[] pairs = [RandomPair(1, 3, 4, seed: 1), RandomPair(1, 3, 2, seed: 2)];
        const int Side = 16;

        double[] map = ReContrastMap.Of(pairs, Side, Side, sigma: 0.25).flatten().data<double>().ToArray();

        (int radius, double sigma) = ReContrastMap.Blur(Side, Side, 4, 0.25);
        Assert.Equal((4, 1.0), (radius, sigma));
        double[,] sum = new double[Side, Side];
        foreach (MapPair pair in pairs)
        {
            using Tensor distance = pair.Distance();
            int small = (int)distance.size(2);
            double[] values = distance.flatten().data<double>().ToArray();
            for (int y = 0; y < Side; y++)
                for (int x = 0; x < Side; x++) sum[y, x] += Bilinear(values, small, y * (small - 1.0) / (Side - 1), x * (small - 1.0) / (Side - 1));
        }

        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double weights = 0, expected = 0;
                for (int dy = -radius; dy <= radius; dy++)
                    for (int dx = -radius; dx <= radius; dx++)
                    {
                        double weight = Math.Exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
                        weights += weight;
                        expected += weight * sum[Reflect(y + dy), Reflect(x + dx)];
                    }

                Assert.Equal(expected / weights, map[y * Side + x], 1e-10);
            }
        }

        static int Reflect(int place) => place < 0 ? -place : place >= Side ? 2 * (Side - 1) - place : place;
    }

    [Theory]
    [InlineData(ResNetVariant.ResNet18)]
    [InlineData(ResNetVariant.WideResNet50x2)]
    public void The_decoder_gives_each_encoder_s_maps_from_the_other_s(ResNetVariant variant)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using ResNet frozen = new(new ResNetOptions { Variant = variant, Stem = ResNetStem.ImageNet, WidthFactor = 1 / 16.0 }, rng);
        using ReContrastNetwork network = new(frozen, rng);
        frozen.eval();
        network.eval();
        Tensor images = TestImages.Uniform(2, 64);

        Tensor[] own = [.. frozen.FeatureMaps(images, 3).Skip(1)], copied = [.. network.Encoder.FeatureMaps(images).Skip(1)];
        IReadOnlyList<MapPair> pairs = network.Pairs(own, copied);

        Assert.Equal(6, pairs.Count);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(pairs[i].Encoded.shape, pairs[i].Decoded.shape);
            TensorAssert.SameBits(own[i / 2], pairs[i].Encoded);
            TensorAssert.SameBits(copied[i / 2], own[i / 2]);
        }

        // Only the frozen encoder's own decoding depends on the trained encoder's maps, and the other way round.
        IReadOnlyList<MapPair> moved = network.Pairs(own, [.. copied.Select(map => map * 1.5 + 0.1)]);
        Assert.NotEqual(0, (moved[0].Decoded - pairs[0].Decoded).abs().max().item<float>());
        TensorAssert.Close(moved[1].Decoded, pairs[1].Decoded, 1e-6);
    }

    [Fact]
    public void Training_moves_the_encoder_and_leaves_the_frozen_one()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.cobra");
        trained["recontrast"].Save(path);
        using Generator rng = new CobraAD.Torch.RandomStreams(trained["recontrast"].Card.Options.Seed).Create("backbone");
        using Backbone start = BackboneStore.Open(((ReContrastOptions)trained["recontrast"].Card.Options).Backbone, rng);

        using var archive = CobraAD.Serialization.Archive.ModelArchive.Read(path);
        Tensor fixedWeight = archive.Group("backbone")["layer2.0.conv1.weight"], moved = archive.Group("network")["encoder.layer2.0.conv1.weight"];
        TensorAssert.SameBits(start.Network.state_dict()["layer2.0.conv1.weight"], fixedWeight);
        Assert.InRange((moved - fixedWeight).abs().max().item<float>(), 1e-6, 1e-2);
        Assert.DoesNotContain("encoder.layer4.0.conv1.weight", archive.Group("network").Keys);
    }

    [Fact]
    public void Both_encoders_are_in_the_gradient_of_the_score()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        using ResNet frozen = new(new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 1 / 16.0 }, rng);
        using ReContrastNetwork network = new(frozen, rng);
        frozen.to(float64).eval();
        network.to(float64).eval();
        Tensor images = TestImages.Uniform(1, 32).to(float64), direction = randn(images.shape, float64, generator: rng);

        Tensor leaf = images.clone().requires_grad_();
        autograd.backward([Score(leaf).sum()], inputs: [leaf]);

        using IDisposable noGradient = no_grad();
        const double Step = 1e-6;
        double measured = (Score(images + Step * direction) - Score(images - Step * direction)).item<double>() / (2 * Step);
        Assert.Equal(measured, (leaf.grad! * direction).sum().item<double>(), 1e-5 * Math.Abs(measured) + 1e-9);

        Tensor Score(Tensor x) => ReContrastMap.Of(network.Pairs([.. frozen.FeatureMaps(x, 3).Skip(1)], [.. network.Encoder.FeatureMaps(x).Skip(1)]), 32, 32, 1).amax([1, 2, 3]);
    }

    [Fact]
    public void The_map_is_highest_where_the_image_was_changed()
    {
        using DisposeScope scope = NewDisposeScope();
        IAnomalyMap detector = (IAnomalyMap)trained["recontrast"];
        Tensor image = trained.Train.Batch(0, 1), changed = image.clone();
        using Generator rng = new(1, CPU);
        changed.narrow(2, 20, 8).narrow(3, 2, 8).copy_(rand([1, 3, 8, 8], generator: rng));

        Tensor map = detector.HeatMap(changed) - detector.HeatMap(image);

        Assert.Equal([1, 32, 32], map.shape);
        long place = map.flatten().argmax().item<long>();
        Assert.InRange(place / 32, 15, 31);
        Assert.InRange(place % 32, 0, 14);
    }

    [Fact]
    public void An_image_size_that_does_not_halve_is_refused_with_the_remedy()
    {
        using ImageSet images = new("odd", zeros([8, 3, 36, 36], ScalarType.Byte), [.. Enumerable.Range(0, 8).Select(i => $"{i}")]);

        ArgumentException error = Assert.Throws<ArgumentException>(() => DetectionMethods.Train(TrainedMethods.TinyOptions("recontrast"), images));

        Assert.Contains("18 × 18 places", error.Message, StringComparison.Ordinal);
        Assert.Contains("multiple of 16", error.Message, StringComparison.Ordinal);
    }

    private static MapPair RandomPair(long batch, long channels, long side, long seed = 0)
    {
        using Generator rng = new((ulong)seed, CPU);
        return new MapPair(randn([batch, channels, side, side], float64, generator: rng), randn([batch, channels, side, side], float64, generator: rng));
    }

    private static double Bilinear(double[] values, int side, double y, double x)
    {
        int top = Math.Min((int)y, side - 2), left = Math.Min((int)x, side - 2);
        (double down, double right) = (y - top, x - left);
        return (1 - down) * ((1 - right) * values[top * side + left] + right * values[top * side + left + 1])
            + down * ((1 - right) * values[(top + 1) * side + left] + right * values[(top + 1) * side + left + 1]);
    }

    private static (double Value, double[] Gradient) Reference(MapPair pair, double mining)
    {
        (int batch, int channels, int places) = ((int)pair.Encoded.size(0), (int)pair.Encoded.size(1), (int)(pair.Encoded.size(2) * pair.Encoded.size(3)));
        double[] e = pair.Encoded.detach().flatten().data<double>().ToArray(), d = pair.Decoded.detach().flatten().data<double>().ToArray();
        double[] distance = new double[batch * places];
        for (int b = 0; b < batch; b++)
            for (int p = 0; p < places; p++) distance[b * places + p] = 1 - Cosine(Enumerable.Range(0, channels).Select(c => (b * channels + c) * places + p));
        double mean = distance.Average(), deviation = Math.Sqrt(distance.Sum(value => (value - mean) * (value - mean)) / (distance.Length - 1));

        double[] gradient = new double[d.Length];
        double total = 0;
        for (int b = 0; b < batch; b++)
        {
            int[] own = [.. Enumerable.Range(b * channels * places, channels * places)];
            double cosine = Cosine(own), lengthE = Math.Sqrt(own.Sum(i => e[i] * e[i])), lengthD = Math.Sqrt(own.Sum(i => d[i] * d[i]));
            total += (1 - cosine) / batch;
            foreach (int i in own)
                if (distance[b * places + i % places] >= mean + mining * deviation) gradient[i] = -(e[i] / lengthE - cosine * d[i] / lengthD) / lengthD / batch;
        }

        return (total, gradient);

        double Cosine(IEnumerable<int> indices)
        {
            (double product, double squareE, double squareD) = (0, 0, 0);
            foreach (int i in indices) (product, squareE, squareD) = (product + e[i] * d[i], squareE + e[i] * e[i], squareD + d[i] * d[i]);
            return product / Math.Sqrt(squareE * squareD);
        }
    }
}
