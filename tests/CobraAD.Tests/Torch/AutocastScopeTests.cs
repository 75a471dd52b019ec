using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Torch;

public sealed class AutocastScopeTests
{
    [Fact]
    public void Products_are_bfloat16_inside_and_float32_again_outside()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor matrix = ones(4, 4);

        ScalarType before = matrix.mm(matrix).dtype, inside, insideTwice, afterInner;
        using (new AutocastScope(DeviceType.CPU))
        {
            inside = matrix.mm(matrix).dtype;
            using (new AutocastScope(DeviceType.CPU)) insideTwice = matrix.mm(matrix).dtype;
            afterInner = matrix.mm(matrix).dtype;
        }

        Assert.Equal(
            [ScalarType.Float32, ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.BFloat16, ScalarType.Float32],
            [before, inside, insideTwice, afterInner, matrix.mm(matrix).dtype]);
    }

    /// <summary>On a processor with AMX the process ended here, in the handler of the signal and without a word.</summary>
    [Fact]
    public async Task A_thread_that_has_computed_in_bfloat16_survives_a_use_of_null()
    {
        string? nothing = Environment.GetEnvironmentVariable("COBRA_NEVER_SET");

        Exception? caught = await Task.Factory.StartNew(
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                using (new AutocastScope(DeviceType.CPU)) _ = nn.functional.conv2d(ones(8, 64, 32, 32), ones(64, 64, 3, 3));
                return Record.Exception(() => nothing!.Length);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.IsType<NullReferenceException>(caught);
    }

    [Fact]
    public async Task Other_threads_compute_as_before()
    {
        using AutocastScope cast = new(DeviceType.CPU);

        ScalarType elsewhere = await Task.Factory.StartNew(
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                return ones(4, 4).mm(ones(4, 4)).dtype;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal(ScalarType.Float32, elsewhere);
    }

    [Fact]
    public void A_weight_that_changed_between_two_scopes_is_cast_anew()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = ones(4, 4).requires_grad_(), images = ones(1, 4);

        float first = Product(), second;
        using (no_grad()) weight.mul_(2);
        second = Product();

        Assert.Equal((4f, 8f), (first, second));

        float Product()
        {
            using AutocastScope cast = new(DeviceType.CPU);
            return images.mm(weight)[0, 0].to(float32).item<float>();
        }
    }

    [Fact]
    public void A_network_in_bfloat16_gives_float32_outputs_and_gradients_near_those_of_float32()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("weights");
        using CobraNetwork network = new(new CobraNetworkOptions { Encoder = new ResNetOptions { WidthFactor = 0.125 }, EmbeddingSize = 8 }, rng);
        network.eval();

        (Tensor Embeddings, Tensor Images, Tensor Weights) exact = Pass(network);
        network.BFloat16 = true;
        (Tensor Embeddings, Tensor Images, Tensor Weights) rounded = Pass(network);
        using CobraNetwork folded = network.Fold();

        Assert.Equal(ScalarType.Float32, rounded.Embeddings.dtype);
        Assert.True(folded.BFloat16);
        foreach ((Tensor wanted, Tensor found) in new[] { (exact.Embeddings, rounded.Embeddings), (exact.Images, rounded.Images), (exact.Weights, rounded.Weights) })
        {
            Assert.Equal(ScalarType.Float32, found.dtype);
            double error = ((wanted - found).norm() / wanted.norm()).item<float>();
            // bfloat16 has 8 bits: equal outputs would mean that nothing was cast, far ones that something is wrong.
            Assert.InRange(error, 1e-5, 0.1);
        }

        static (Tensor, Tensor, Tensor) Pass(CobraNetwork network)
        {
            Tensor images = TestImages.Uniform(4, 16).requires_grad_();
            Tensor weight = network.Classifier.weight!;
            CobraOutput output = network.call(images);
            autograd.backward([output.Embeddings.square().sum() + output.Logits.square().sum()], inputs: [images, weight]);
            Tensor gradient = weight.grad!.clone();
            weight.grad = null;
            return (output.Embeddings.detach(), images.grad!, gradient);
        }
    }
}
