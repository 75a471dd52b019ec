using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace CobraAD.Networks.Transformer;

/// <summary>W₂ GELU(W₁ t) of each token; the numbers in the names are torchvision's, which counts GELU and dropout too.</summary>
internal sealed class TokenPerceptron : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "0")]
    private readonly Linear widening;

    [ComponentName(Name = "3")]
    private readonly Linear narrowing;

    public TokenPerceptron(int width, int hiddenWidth, Generator rng)
        : base(nameof(TokenPerceptron))
    {
        widening = LinearLayer.Create(width, hiddenWidth, rng);
        narrowing = LinearLayer.Create(hiddenWidth, width, rng);
        RegisterComponents();
    }

    /// <summary>W₁ and W₂; owned by the module.</summary>
    internal (Linear Widening, Linear Narrowing) Layers => (widening, narrowing);

    /// <param name="input">Tokens [B, T, width].</param>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return narrowing.call(nn.functional.gelu(widening.call(input))).MoveToOuterDisposeScope();
    }
}
