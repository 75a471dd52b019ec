using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace CobraAD.Networks.Transformer;

/// <summary>A pre-norm transformer block (Dosovitskiy et al. 2021): t ← t + attention(LN(t)), then t ← t + perceptron(LN(t)).</summary>
internal sealed class TransformerBlock : nn.Module<Tensor, Tensor>
{
    /// <summary>What torchvision and the original add to the variance; the framework's default is another.</summary>
    public const double NormFloor = 1e-6;

    [ComponentName(Name = "ln_1")]
    private readonly LayerNorm beforeAttention;

    [ComponentName(Name = "self_attention")]
    private readonly SelfAttention attention;

    [ComponentName(Name = "ln_2")]
    private readonly LayerNorm beforePerceptron;

    [ComponentName(Name = "mlp")]
    private readonly TokenPerceptron perceptron;

    public TransformerBlock(VisionTransformerOptions options, Generator rng)
        : base(nameof(TransformerBlock))
    {
        beforeAttention = nn.LayerNorm(options.Width, NormFloor);
        attention = new SelfAttention(options.Width, options.Heads, rng);
        beforePerceptron = nn.LayerNorm(options.Width, NormFloor);
        perceptron = new TokenPerceptron(options.Width, options.HiddenWidth, rng);
        RegisterComponents();
    }

    /// <summary>The normalisation before the attention, and the attention; owned by the block.</summary>
    internal (LayerNorm Norm, SelfAttention Attention) First => (beforeAttention, attention);

    /// <summary>The normalisation before the perceptron, and the perceptron; owned by the block.</summary>
    internal (LayerNorm Norm, TokenPerceptron Perceptron) Second => (beforePerceptron, perceptron);

    /// <param name="input">Tokens [B, T, width].</param>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = input + attention.call(beforeAttention.call(input));
        return (tokens + perceptron.call(beforePerceptron.call(tokens))).MoveToOuterDisposeScope();
    }
}
