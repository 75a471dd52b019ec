using CobraAD.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>x + path(x, t): twice normalisation, SiLU and a 3 × 3 convolution, with the time added between (Ho et al. 2020).</summary>
internal sealed class UNetBlock : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly GroupNorm norm1, norm2;
    private readonly Conv2d convolution1, convolution2;
    private readonly Conv2d? shortcut;
    private readonly Linear time;

    public UNetBlock(int inputs, int outputs, int timeSize, Generator rng)
        : base(nameof(UNetBlock))
    {
        norm1 = UNetLayer.Norm(inputs);
        convolution1 = UNetLayer.Convolution(inputs, outputs, 3, 1, rng);
        time = LinearLayer.Create(timeSize, outputs, rng);
        norm2 = UNetLayer.Norm(outputs);
        convolution2 = UNetLayer.Silent(outputs, outputs, 3);
        shortcut = inputs == outputs ? null : UNetLayer.Convolution(inputs, outputs, 1, 1, rng);
        RegisterComponents();
    }

    /// <param name="input">A map [B, inputs, H, W].</param>
    /// <param name="moment">The embedded time, [B, time size].</param>
    /// <returns>[B, outputs, H, W]; the caller disposes it.</returns>
    public override Tensor forward(Tensor input, Tensor moment)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = convolution1.call(nn.functional.silu(norm1.call(input)));
        map = map + time.call(nn.functional.silu(moment)).unsqueeze(2).unsqueeze(3);
        map = convolution2.call(nn.functional.silu(norm2.call(map)));
        return (map + (shortcut is null ? input : shortcut.call(input))).MoveToOuterDisposeScope();
    }
}
