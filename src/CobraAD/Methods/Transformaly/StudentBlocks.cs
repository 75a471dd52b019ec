using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Transformaly;

/// <summary>A student for each of the teacher's later blocks: a block of the same shape with fresh weights. Each is given what the teacher's own block is given.</summary>
internal sealed class StudentBlocks : nn.Module
{
    private readonly int skipped;
    private readonly nn.Module<Tensor, Tensor>[] students;

    /// <param name="teacher">Whose blocks' shapes they have; it stays the caller's.</param>
    /// <param name="skipped">The teacher's first blocks, which have no student.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public StudentBlocks(FeatureNetwork teacher, int skipped, Generator rng)
        : base(nameof(StudentBlocks))
    {
        this.skipped = skipped;
        students = [.. Enumerable.Range(skipped, teacher.Chain.Count - skipped).Select(block => teacher.FreshBlock(block, rng))];
        for (int i = 0; i < students.Length; i++) register_module($"block{skipped + i}", students[i]);
    }

    /// <summary>The students, of the block that <see cref="Skipped"/> counts and those behind it; owned by the module.</summary>
    internal IReadOnlyList<nn.Module<Tensor, Tensor>> Students => students;

    /// <summary>The teacher's first blocks, which have no student.</summary>
    internal int Skipped => skipped;

    /// <summary>Number of students.</summary>
    public int Count => students.Length;

    /// <summary>Errors of the students, and the teacher's feature.</summary>
    /// <param name="teacher">The same network, or its folded copy.</param>
    /// <param name="images">As the teacher takes them, [B, 3, H, W].</param>
    /// <returns>
    /// [B, <see cref="Count"/>]: the mean of (student - teacher)² over a block's output; and the feature [B, D]. The caller disposes both. Both are
    /// differentiable to the images, and the errors to the students.
    /// </returns>
    public (Tensor Errors, Tensor Feature) Compare(FeatureNetwork teacher, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = teacher.Enter(images);
        List<Tensor> errors = [];
        for (int block = 0; block < teacher.Chain.Count; block++)
        {
            Tensor output = teacher.Chain[block].call(input);
            if (block >= skipped) errors.Add((students[block - skipped].call(input) - output).square().flatten(1).mean([1]));
            input = output;
        }

        return (stack(errors, 1).MoveToOuterDisposeScope(), teacher.Leave(input).MoveToOuterDisposeScope());
    }
}
