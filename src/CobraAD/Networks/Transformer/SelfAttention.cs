using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace CobraAD.Networks.Transformer;

/// <summary>
/// Attention of tokens to each other (Vaswani et al. 2017): each head computes softmax(QKᵀ/√d)V of its part of the tokens' projections.
/// Weights have the names of PyTorch's <c>nn.MultiheadAttention</c>.
/// </summary>
internal sealed class SelfAttention : nn.Module<Tensor, Tensor>
{
    private readonly int heads;

    // The names of fields are the keys of saved weights; moving the module to a device replaces the fields.
    [ComponentName(Name = "in_proj_weight")]
    private readonly Parameter projectionWeight;

    [ComponentName(Name = "in_proj_bias")]
    private readonly Parameter projectionBias;

    [ComponentName(Name = "out_proj")]
    private readonly Linear output;

    public SelfAttention(int width, int heads, Generator rng)
        : base(nameof(SelfAttention))
    {
        this.heads = heads;
        double bound = 1 / Math.Sqrt(width);
        using (no_grad())
        {
            projectionWeight = new Parameter(empty(3 * width, width).uniform_(-bound, bound, rng));
            projectionBias = new Parameter(zeros(3 * width));
        }

        output = LinearLayer.Create(width, width, rng);
        RegisterComponents();
    }

    /// <summary>Number of heads.</summary>
    internal int Heads => heads;

    /// <summary>Queries, keys and values: [3 · width, width] and [3 · width]; owned by the module.</summary>
    internal (Tensor Weight, Tensor Bias) Projection => (projectionWeight, projectionBias);

    /// <summary>The layer behind the heads; owned by the module.</summary>
    internal Linear Output => output;

    /// <param name="input">Tokens [B, T, width].</param>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long count, long width) = (input.size(0), input.size(1), input.size(2));
        // [B, T, 3 · width] to three of [B, heads, T, width / heads].
        Tensor[] parts = [.. nn.functional.linear(input, projectionWeight, projectionBias).view(batch, count, 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0)];
        Tensor mixed = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]);
        return output.call(mixed.transpose(1, 2).reshape(batch, count, width)).MoveToOuterDisposeScope();
    }
}
