using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>
/// A 3 × 3 convolution that keeps lengths, by block convolutions (Li et al. 2019): 1 × 1 with an orthonormal matrix H, then for each of four symmetric
/// projections P = R Rᵀ, R with orthonormal columns, the pair [P, 1 - P] along the width or the height. On an unbounded image such a pair is orthogonal,
/// because its symbol P + (1 - P) e^(iω) is unitary for every frequency; zeros around a finite image can only shorten what comes out.
/// </summary>
/// <remarks>From more to fewer channels it is the adjoint of such a convolution, whose rows are orthonormal instead.</remarks>
internal sealed class OrthogonalConvolution : nn.Module
{
    /// <summary>Rounds of Björck's iteration in a training step: after <see cref="Retract"/> singular values differ from 1 by a step's length only.</summary>
    private const int TrainingRounds = 3;

    private const double RetractionTolerance = 1e-3, FinalTolerance = 1e-12;
    private const int PairsEachWay = 2;

    private readonly Parameter projections;
    private readonly Parameter mixing;
    private readonly bool narrows;

    /// <param name="inputs">Channels that come in.</param>
    /// <param name="outputs">Channels that go out.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public OrthogonalConvolution(int inputs, int outputs, Generator rng)
        : base(nameof(OrthogonalConvolution))
    {
        using IDisposable frozen = no_grad();
        narrows = outputs < inputs;
        (int many, int few) = narrows ? (inputs, outputs) : (outputs, inputs);
        projections = new Parameter(Random(2 * PairsEachWay, many, many / 2, rng));
        mixing = new Parameter(Random(1, many, few, rng));
        Bias = new Parameter(zeros(outputs));
        register_parameter("projections", projections);
        register_parameter("mixing", mixing);
        register_parameter("bias", Bias);
    }

    public Parameter Bias { get; }

    /// <summary>The kernel [outputs, inputs, 3, 3], part of the parameters' graph; the caller disposes it.</summary>
    public Tensor Kernel()
    {
        using DisposeScope scope = NewDisposeScope();
        return Kernel(OrthonormalColumns.Approach(projections, TrainingRounds), OrthonormalColumns.Approach(mixing, TrainingRounds)).MoveToOuterDisposeScope();
    }

    /// <summary>The kernel of exactly orthonormal matrices, in float64; the caller disposes it.</summary>
    public Tensor ExactKernel()
    {
        using DisposeScope scope = NewDisposeScope();
        return Kernel(Exact(projections), Exact(mixing)).MoveToOuterDisposeScope();

        static Tensor Exact(Tensor matrices) => OrthonormalColumns.Nearest(matrices.detach().to(ScalarType.Float64), FinalTolerance);
    }

    /// <summary>Brings the matrices back to orthonormal ones after a step of the optimiser.</summary>
    public void Retract()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        foreach (Parameter matrices in (Parameter[])[projections, mixing]) matrices.copy_(OrthonormalColumns.Nearest(matrices, RetractionTolerance));
    }

    private Tensor Kernel(Tensor bases, Tensor orthonormal)
    {
        Tensor kernel = orthonormal[0].unsqueeze(2).unsqueeze(3);
        Tensor projection = bases.bmm(bases.transpose(1, 2));
        for (int i = 0; i < 2 * PairsEachWay; i++) kernel = Follow(projection[i], kernel, along: 2 + i % 2);
        return narrows ? kernel.transpose(0, 1).flip(2, 3) : kernel;
    }

    /// <summary>The kernel of a convolution followed by the pair [P, 1 - P].</summary>
    private static Tensor Follow(Tensor projection, Tensor kernel, int along)
    {
        Tensor kept = projection.mm(kernel.flatten(1)).view(kernel.shape);
        Tensor nothing = zeros_like(kernel.narrow(along, 0, 1));
        return cat([kept, nothing], along) + cat([nothing, kernel - kept], along);
    }

    private static Tensor Random(int count, int rows, int columns, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor orthonormal, _) = linalg.qr(randn([count, rows, columns], dtype: ScalarType.Float64, generator: rng));
        return orthonormal.to(ScalarType.Float32).contiguous().MoveToOuterDisposeScope();
    }
}
