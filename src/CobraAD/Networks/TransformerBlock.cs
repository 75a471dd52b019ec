using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>
/// A pre-norm transformer block (Dosovitskiy et al. 2021): t ← t + attention(LN(t)), then t ← t + W₂ GELU(W₁ LN(t)). Each head computes
/// softmax(QKᵀ/√d)V of its part of the token.
/// </summary>
internal sealed class TransformerBlock : nn.Module<Tensor, Tensor>
{
    /// <summary>What torchvision and the original add to the variance; the framework's default is another.</summary>
    public const double NormFloor = 1e-6;

    private readonly LayerNorm beforeAttention;
    private readonly Linear projections;
    private readonly Linear output;
    private readonly LayerNorm beforePerceptron;
    private readonly Linear widening;
    private readonly Linear narrowing;
    private readonly int heads;

    public TransformerBlock(VisionTransformerOptions options, Generator rng)
        : base(nameof(TransformerBlock))
    {
        heads = options.Heads;
        beforeAttention = nn.LayerNorm(options.Width, NormFloor);
        projections = LinearLayer.Create(options.Width, 3 * options.Width, rng);
        output = LinearLayer.Create(options.Width, options.Width, rng);
        beforePerceptron = nn.LayerNorm(options.Width, NormFloor);
        widening = LinearLayer.Create(options.Width, options.HiddenWidth, rng);
        narrowing = LinearLayer.Create(options.HiddenWidth, options.Width, rng);

        // Names are torchvision's: they are the keys of saved weights.
        register_module("ln_1", beforeAttention);
        NamedPart attention = new("self_attention");
        attention.register_parameter("in_proj_weight", projections.weight!);
        attention.register_parameter("in_proj_bias", projections.bias!);
        attention.register_module("out_proj", output);
        register_module("self_attention", attention);
        register_module("ln_2", beforePerceptron);
        NamedPart perceptron = new("mlp");
        perceptron.register_module("0", widening);
        perceptron.register_module("3", narrowing);
        register_module("mlp", perceptron);
    }

    /// <param name="input">Tokens [B, T, width].</param>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = input + Attend(beforeAttention.call(input));
        Tensor inside = nn.functional.gelu(widening.call(beforePerceptron.call(tokens)));
        return (tokens + narrowing.call(inside)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor tokens)
    {
        (long batch, long count, long width) = (tokens.size(0), tokens.size(1), tokens.size(2));
        // [B, T, 3 · width] to three of [B, heads, T, width / heads].
        Tensor[] parts = [.. nn.functional.linear(tokens, projections.weight!, projections.bias!).view(batch, count, 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0)];
        Tensor mixed = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]);
        return output.call(mixed.transpose(1, 2).reshape(batch, count, width));
    }
}
