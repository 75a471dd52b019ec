using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Networks;

/// <summary>
/// The projection heads G of encoders that stand side by side. A single one gives its embedding as it is; several give the directions of theirs, one after
/// the other.
/// </summary>
internal sealed class ProjectionHeads : nn.Module<Tensor, Tensor>
{
    private readonly ProjectionHead[] heads;

    /// <summary>Heads with fresh weights on the CPU.</summary>
    /// <param name="members">How many encoders there are.</param>
    /// <param name="featureSize">Length of the features of all of them.</param>
    /// <param name="embeddingSize">Length of an embedding of each.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public ProjectionHeads(int members, int featureSize, int embeddingSize, Generator rng)
        : this(members, [.. Enumerable.Range(0, members).Select(_ => new ProjectionHead(featureSize / members, embeddingSize, rng))])
    {
    }

    private ProjectionHeads(int members, ProjectionHead[] heads)
        : base(nameof(ProjectionHeads))
    {
        this.heads = heads;
        Members = members;
        if (heads is [var only])
        {
            // The names of a head alone, where TorchSharp adds those of its fields: saved weights have them.
            (Linear hidden, Linear output) = only.Layers;
            foreach ((string name, Linear layer) in (ReadOnlySpan<(string, Linear)>)[("0", hidden), ("2", output), (nameof(hidden), hidden), (nameof(output), output)]) register_module(name, layer);
            return;
        }

        for (int member = 0; member < heads.Length; member++) register_module($"{member}", heads[member]);
    }

    /// <summary>Of how many encoders an embedding has parts.</summary>
    public int Members { get; }

    /// <summary>The layers of all heads as those of one; a ReLU stands between them. Of several heads only the frozen copy has them.</summary>
    internal (Linear Hidden, Linear Output) Layers => heads.Single().Layers;

    /// <summary>Embeddings of features; the caller disposes them.</summary>
    /// <param name="input">[B, feature size of all encoders].</param>
    /// <returns>[B, members · embedding size]. That of a single member is not normalised; of several each part has length 1.</returns>
    public override Tensor forward(Tensor input)
    {
        if (Members == 1) return heads[0].call(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = heads is [var only] ? only.call(input) : cat([.. input.chunk(Members, 1).Zip(heads, (own, head) => head.call(own))], 1);
        return nn.functional.normalize(joined.view(joined.size(0), Members, -1), dim: 2).flatten(1).MoveToOuterDisposeScope();
    }

    /// <summary>A copy whose parameters need no gradients; several heads become one with blocks of weights along its diagonal.</summary>
    internal ProjectionHeads FrozenCopy() => new(Members, [heads is [var only] ? only.FrozenCopy() : ProjectionHead.Joined(heads)]);
}
