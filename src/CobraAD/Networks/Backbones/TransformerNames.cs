using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace CobraAD.Networks.Backbones;

/// <summary>
/// The names that a vision transformer's weights have elsewhere, in those that ours has: torchvision's since 0.14, its older ones
/// ("mlp.linear_1"), and timm's ("blocks.0.attn.qkv").
/// </summary>
internal static partial class TransformerNames
{
    /// <summary>From the beginning of a name, or of what follows a block's number in it.</summary>
    private static readonly (string Theirs, string Ours)[] Outside =
    [
        ("cls_token", "class_token"),
        ("pos_embed", "encoder.pos_embedding"),
        ("patch_embed.proj.", "conv_proj."),
        ("norm.", "encoder.ln."),
        ("heads.head.", "fc."),
        ("head.", "fc."),
    ];

    private static readonly (string Theirs, string Ours)[] Inside =
    [
        ("norm1.", "ln_1."),
        ("norm2.", "ln_2."),
        ("attn.qkv.", "self_attention.in_proj_"),
        ("attn.proj.", "self_attention.out_proj."),
        ("mlp.fc1.", "mlp.0."),
        ("mlp.fc2.", "mlp.3."),
        ("mlp.linear_1.", "mlp.0."),
        ("mlp.linear_2.", "mlp.3."),
    ];

    /// <summary>The same tensors by our names; names that are neither stay as they are.</summary>
    public static Dictionary<string, Tensor> ToOurs(IReadOnlyDictionary<string, Tensor> tensors)
    {
        Dictionary<string, Tensor> renamed = new(StringComparer.Ordinal);
        foreach ((string name, Tensor tensor) in tensors)
        {
            // Two names that mean the same: the later one shows up as unknown.
            string ours = Ours(name);
            renamed[renamed.ContainsKey(ours) ? name : ours] = tensor;
        }

        return renamed;
    }

    private static string Ours(string name)
    {
        Match block = Block().Match(name);
        return block.Success
            ? $"encoder.layers.encoder_layer_{block.Groups["number"].Value}.{Replace(block.Groups["rest"].Value, Inside)}"
            : Replace(name, Outside);
    }

    private static string Replace(string name, (string Theirs, string Ours)[] table)
    {
        (string? theirs, string? ours) = table.FirstOrDefault(pair => name.StartsWith(pair.Theirs, StringComparison.Ordinal));
        return theirs is null ? name : ours + name[theirs.Length..];
    }

    [GeneratedRegex(@"^(blocks\.|encoder\.layers\.encoder_layer_)(?<number>\d+)\.(?<rest>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Block();
}
