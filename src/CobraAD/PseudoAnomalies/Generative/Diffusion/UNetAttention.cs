using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>x + attention(x): every place of a coarse map looks at every other, with one head.</summary>
internal sealed class UNetAttention : nn.Module<Tensor, Tensor>
{
    private readonly GroupNorm norm;
    private readonly Conv2d questions, output;

    public UNetAttention(int channels, Generator rng)
        : base(nameof(UNetAttention))
    {
        norm = UNetLayer.Norm(channels);
        questions = UNetLayer.Convolution(channels, 3 * channels, 1, 1, rng);
        output = UNetLayer.Silent(channels, channels, 1);
        RegisterComponents();
    }

    /// <param name="input">A map [B, C, H, W].</param>
    /// <returns>A map of the same shape; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        long channels = input.size(1);
        Tensor[] parts = questions.call(norm.call(input)).flatten(2).split(channels, 1);
        Tensor weights = (parts[0].transpose(1, 2).bmm(parts[1]) / Math.Sqrt(channels)).softmax(2);
        Tensor seen = parts[2].bmm(weights.transpose(1, 2)).view(input.shape);
        return (input + output.call(seen)).MoveToOuterDisposeScope();
    }
}
