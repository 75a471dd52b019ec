using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>
/// p(x) = Σ_j w_j N(x; μ_j, Σ_j), fitted by expectation maximisation in float64 on the CPU (paper, section 3.1; decision D16).
/// </summary>
/// <remarks>
/// Kept as whitening roots R_j with R_jᵀ R_j = Σ_j⁻¹: the inverse of the Cholesky factor, or 1/σ for diagonal covariances. Then
/// ln N = -½ (d ln 2π + ‖R_j (x - μ_j)‖²) + ln det R_j, and nothing is ever divided by a small determinant.
/// </remarks>
internal sealed class GaussianMixture : IDisposable
{
    private const double TinyMass = 1e-14;

    private readonly Tensor logWeights, means, roots;

    private GaussianMixture(Parameters parameters, CovarianceKind covariance)
    {
        logWeights = parameters.LogWeights.DetachFromDisposeScope();
        means = parameters.Means.DetachFromDisposeScope();
        roots = parameters.Roots.DetachFromDisposeScope();
        Covariance = covariance;
    }

    /// <summary>Shape of the covariances.</summary>
    public CovarianceKind Covariance { get; }

    /// <summary>Number of components.</summary>
    public int Components => (int)means.size(0);

    /// <summary>Length of a row.</summary>
    public int Dimensions => (int)means.size(1);

    /// <summary>Fits a mixture. The caller disposes it.</summary>
    /// <param name="rows">[n, d] on any device, n ≥ 2 and at least one row for each component.</param>
    /// <param name="options">How.</param>
    /// <param name="rng">CPU generator of the starts.</param>
    /// <exception cref="ArgumentException">There are too few rows, or they are not finite numbers.</exception>
    public static GaussianMixture Fit(Tensor rows, GaussianMixtureOptions options, Generator rng)
    {
        options.Validate();
        using var scope = NewDisposeScope();
        Tensor data = rows.detach().to(ScalarType.Float64).cpu();
        if (data.dim() != 2 || data.size(0) < Math.Max(2, options.Components))
            throw new ArgumentException($"Expected at least {Math.Max(2, options.Components)} rows of numbers, found a tensor [{string.Join(", ", data.shape)}].", nameof(rows));
        if (!data.isfinite().all().item<bool>())
            throw new ArgumentException("The rows hold values that are not finite numbers; the network that made them has diverged.", nameof(rows));

        double regularization = AbsoluteRegularization(data, options);
        int fewest = options.SelectByBic ? 1 : options.Components;
        (Parameters Parameters, double Criterion)? best = null;
        for (int components = fewest; components <= options.Components; components++)
        {
            for (int start = 0; start < (components == 1 ? 1 : options.Starts); start++)
            {
                Parameters initial = Maximize(data, KMeansStart(data, components, rng), options.Covariance, regularization);
                (Parameters fitted, double meanLogLikelihood) = Expect(data, initial, options, regularization);
                double criterion = Bic(meanLogLikelihood * data.size(0), data, components, options.Covariance);
                if (best is null || criterion < best.Value.Criterion) best = (fitted, criterion);
            }
        }

        return new GaussianMixture(best!.Value.Parameters, options.Covariance);
    }

    /// <summary>ln p of each row. The caller disposes the result.</summary>
    /// <param name="rows">[n, d] on any device.</param>
    /// <returns>float64 [n] on the CPU.</returns>
    public Tensor LogDensity(Tensor rows)
    {
        using var scope = NewDisposeScope();
        Tensor data = rows.detach().to(ScalarType.Float64).cpu();
        return Joint(data, new Parameters(logWeights, means, roots)).logsumexp(1).MoveToOuterDisposeScope();
    }

    /// <summary>ln p of each row, connected to the rows in the autograd graph. The caller disposes the result.</summary>
    /// <param name="rows">[n, d] on any device.</param>
    /// <returns>float64 [n] on the rows' device.</returns>
    internal Tensor DifferentiableLogDensity(Tensor rows)
    {
        using var scope = NewDisposeScope();
        Device device = rows.device;
        Parameters local = new(logWeights.to(device), means.to(device), roots.to(device));
        return Joint(rows.to(ScalarType.Float64), local).logsumexp(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        logWeights.Dispose();
        means.Dispose();
        roots.Dispose();
    }

    /// <summary>The parameters by name, still owned by this mixture.</summary>
    internal IReadOnlyDictionary<string, Tensor> Export() =>
        new Dictionary<string, Tensor> { ["log_weights"] = logWeights, ["means"] = means, ["whitening_roots"] = roots };

    /// <summary>A mixture from copies of exported parameters.</summary>
    internal static GaussianMixture Import(Func<string, Tensor> read) => new(
        new Parameters(read("log_weights").clone(), read("means").clone(), read("whitening_roots").clone()),
        read("whitening_roots").dim() == 3 ? CovarianceKind.Full : CovarianceKind.Diagonal);

    /// <summary>EM from given weights and means and unit covariances, for comparison with other implementations.</summary>
    internal static GaussianMixture FitFrom(Tensor data, Tensor weights, Tensor means, GaussianMixtureOptions options, double regularization)
    {
        using var scope = NewDisposeScope();
        long components = means.size(0), dimensions = means.size(1);
        Tensor unit = options.Covariance == CovarianceKind.Full
            ? eye(dimensions, dtype: ScalarType.Float64).repeat(components, 1, 1)
            : ones(components, dimensions, dtype: ScalarType.Float64);
        return new GaussianMixture(Expect(data, new Parameters(weights.log(), means, unit), options, regularization).Fitted, options.Covariance);
    }

    private static double AbsoluteRegularization(Tensor data, GaussianMixtureOptions options)
    {
        bool scarce = options.Covariance == CovarianceKind.Full && data.size(0) <= 10 * data.size(1);
        double meanVariance = data.var(0, unbiased: false).mean().item<double>();
        // The floor keeps constant data (a network with dead features) from a division by zero.
        return Math.Max((options.Regularization ?? (scarce ? 1e-3 : 1e-6)) * meanVariance, 1e-12);
    }

    /// <summary>Iterates expectation and maximisation until the mean log-likelihood settles.</summary>
    private static (Parameters Fitted, double MeanLogLikelihood) Expect(Tensor data, Parameters start, GaussianMixtureOptions options, double regularization)
    {
        Parameters current = start;
        double before = double.NegativeInfinity, mean = before;
        for (int iteration = 0; iteration < options.MaxIterations; iteration++)
        {
            using var scope = NewDisposeScope();
            Tensor joint = Joint(data, current), total = joint.logsumexp(1, keepdim: true);
            mean = total.mean().item<double>();
            Parameters next = Maximize(data, (joint - total).exp(), options.Covariance, regularization).MoveToOuterDisposeScope();
            if (!ReferenceEquals(current, start)) current.Dispose();
            current = next;
            if (Math.Abs(mean - before) < options.Tolerance) break;
            before = mean;
        }

        return (current, mean);
    }

    /// <summary>ln w_j + ln N(x_i; μ_j, Σ_j), [n, components].</summary>
    private static Tensor Joint(Tensor data, Parameters parameters)
    {
        double constant = data.size(1) * Math.Log(2 * Math.PI);
        Tensor[] columns = new Tensor[parameters.Means.size(0)];
        for (int j = 0; j < columns.Length; j++)
        {
            Tensor root = parameters.Roots[j], centred = data - parameters.Means[j];
            Tensor white = root.dim() == 2 ? centred.mm(root.t()) : centred * root;
            Tensor logDeterminant = (root.dim() == 2 ? root.diagonal() : root).log().sum();
            columns[j] = (white.square().sum(1) + constant) * -0.5 + logDeterminant + parameters.LogWeights[j];
        }

        return stack(columns, 1);
    }

    /// <summary>The most likely parameters for given responsibilities [n, components].</summary>
    private static Parameters Maximize(Tensor data, Tensor responsibilities, CovarianceKind covariance, double regularization)
    {
        // The tiny constant keeps a component that lost all its rows from dividing by zero.
        Tensor mass = responsibilities.sum([0]) + TinyMass;
        Tensor means = responsibilities.t().mm(data) / mass.unsqueeze(1);
        Tensor[] roots = new Tensor[mass.size(0)];
        for (int j = 0; j < roots.Length; j++)
        {
            Tensor centred = data - means[j], weighted = centred * responsibilities.narrow(1, j, 1);
            if (covariance == CovarianceKind.Diagonal)
            {
                roots[j] = ((weighted * centred).sum([0]) / mass[j] + regularization).rsqrt();
            }
            else
            {
                Tensor unit = eye(data.size(1), dtype: ScalarType.Float64);
                roots[j] = linalg.inv(linalg.cholesky(weighted.t().mm(centred) / mass[j] + unit * regularization)).tril();
            }
        }

        return new Parameters((mass / data.size(0)).log(), means, stack(roots, 0));
    }

    /// <summary>Responsibilities (0 or 1) of k-means clusters whose centres start spread out: each with probability ∝ squared distance (k-means++).</summary>
    private static Tensor KMeansStart(Tensor data, int components, Generator rng)
    {
        if (components == 1) return ones(data.size(0), 1, dtype: ScalarType.Float64);

        Tensor first = randint(data.size(0), [1], dtype: ScalarType.Int64, generator: rng);
        Tensor centres = data.index_select(0, first);
        while (centres.size(0) < components)
        {
            Tensor distance = cdist(data, centres).square().amin([1]);
            // Rows that all coincide with centres leave no distance to weigh by.
            Tensor next = multinomial(distance + TinyMass, 1, generator: rng);
            centres = cat([centres, data.index_select(0, next)]);
        }

        Tensor labels = cdist(data, centres).argmin(1);
        for (int iteration = 0; iteration < 20; iteration++)
        {
            Tensor members = nn.functional.one_hot(labels, components).to(ScalarType.Float64), counts = members.sum([0]).unsqueeze(1);
            centres = where(counts.gt(0), members.t().mm(data) / counts.clamp_min(1), centres);
            Tensor relabelled = cdist(data, centres).argmin(1);
            if (relabelled.eq(labels).all().item<bool>()) break;
            labels = relabelled;
        }

        return nn.functional.one_hot(labels, components).to(ScalarType.Float64);
    }

    /// <summary>-2 ln L + (free parameters) ln n.</summary>
    private static double Bic(double logLikelihood, Tensor data, int components, CovarianceKind covariance)
    {
        double d = data.size(1), shape = covariance == CovarianceKind.Full ? d * (d + 1) / 2 : d;
        return -2 * logLikelihood + (components - 1 + components * (d + shape)) * Math.Log(data.size(0));
    }

    /// <summary>ln w [k], μ [k, d] and R ([k, d, d] or [k, d]).</summary>
    private sealed record Parameters(Tensor LogWeights, Tensor Means, Tensor Roots) : IDisposable
    {
        public void Dispose()
        {
            LogWeights.Dispose();
            Means.Dispose();
            Roots.Dispose();
        }

        public Parameters MoveToOuterDisposeScope()
        {
            LogWeights.MoveToOuterDisposeScope();
            Means.MoveToOuterDisposeScope();
            Roots.MoveToOuterDisposeScope();
            return this;
        }
    }
}
