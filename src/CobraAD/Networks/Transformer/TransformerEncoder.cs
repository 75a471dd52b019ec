using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace CobraAD.Networks.Transformer;

/// <summary>What happens to a vision transformer's tokens: positions are added, the blocks follow, and the class token is normalised.</summary>
internal sealed class TransformerEncoder : nn.Module<Tensor, Tensor>
{
    private readonly TransformerBlock[] blocks;

    [ComponentName(Name = "pos_embedding")]
    private readonly Parameter positions;

    [ComponentName(Name = "layers")]
    private readonly Sequential layers;

    [ComponentName(Name = "ln")]
    private readonly LayerNorm norm;

    public TransformerEncoder(VisionTransformerOptions options, Generator rng)
        : base(nameof(TransformerEncoder))
    {
        using (no_grad())
        {
            positions = new Parameter(empty(1, 1 + options.GridSide * options.GridSide, options.Width).normal_(0, VisionTransformer.InitialDeviation, rng));
        }

        blocks = [.. Enumerable.Range(0, options.Depth).Select(_ => new TransformerBlock(options, rng))];
        layers = nn.Sequential(blocks.Select((block, i) => ($"encoder_layer_{i}", (nn.Module<Tensor, Tensor>)block)).ToArray());
        norm = nn.LayerNorm(options.Width, TransformerBlock.NormFloor);
        RegisterComponents();
    }

    /// <summary>One for the class token, then one for each place of the square grid: [1, 1 + side², width]; owned by the encoder.</summary>
    public Parameter Positions => positions;

    /// <summary>The blocks, in order; owned by the encoder.</summary>
    public IReadOnlyList<TransformerBlock> Blocks => blocks;

    /// <summary>What the class tokens go through last; owned by the encoder.</summary>
    public LayerNorm Norm => norm;

    /// <summary>The normalised class tokens [B, width] of the last block's output; the caller disposes them.</summary>
    public Tensor ClassTokens(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        return norm.call(tokens.select(1, 0)).MoveToOuterDisposeScope();
    }

    /// <param name="input">The class token and the patches, with positions added, [B, T, width].</param>
    /// <returns>The normalised class tokens, [B, width].</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = input;
        foreach (TransformerBlock block in blocks) tokens = block.call(tokens);
        return ClassTokens(tokens).MoveToOuterDisposeScope();
    }
}
