using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks.Transformer;

/// <summary>A convolution that makes a token of each patch: its window and its stride are the patch.</summary>
internal sealed class PatchProjection : nn.Module<Tensor, Tensor>
{
    // Parameters of its own: the framework's convolution with a bias leaks a tensor when it is made.
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly long side;

    public PatchProjection(int width, int patchSize, Generator rng)
        : base(nameof(PatchProjection))
    {
        side = patchSize;
        using (no_grad())
        {
            weight = new Parameter(empty(width, 3, patchSize, patchSize).normal_(0, VisionTransformer.InitialDeviation, rng));
            bias = new Parameter(zeros(width));
        }

        RegisterComponents();
    }

    /// <summary>The window's weights [width, 3, side, side], the biases, and the side; owned by the module.</summary>
    internal (Tensor Weight, Tensor Bias, long Side) Window => (weight, bias, side);

    /// <param name="input">[B, 3, H, W].</param>
    /// <returns>[B, width, H / side, W / side].</returns>
    public override Tensor forward(Tensor input) => nn.functional.conv2d(input, weight, bias, strides: [side, side]);
}
