using CobraAD.Datasets;
using CobraAD.Torch;
using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>
/// Υ: a random sequence of hard transforms, drawn again until the result looks unlike a normal image (paper, section 3.1, Algorithm 1):
/// until p(C(x')) ≤ λ.
/// </summary>
internal sealed class PseudoAnomalyGenerator : IPseudoAnomalySource, IDisposable
{
    private const double ReferenceShare = 0.2;
    private const int FewestForSplit = 200;

    private readonly IReadOnlyList<IImageTransform> transforms;
    private readonly TransformationClassifier? classifier;
    private readonly LikelihoodFilter? filter;
    private readonly double[]? weights;

    private PseudoAnomalyGenerator(PseudoAnomalyRecord record, TransformationClassifier? classifier, LikelihoodFilter? filter)
    {
        Options = record.Options;
        AreGrey = record.AreGrey;
        Health = record.Health;
        Statistics = record.Statistics;
        transforms = Options.CreateTransforms(AreGrey);
        weights = Health?.Noticed is { } noticed ? NoticedTransforms.Weights(noticed, transforms, Options.Significance) : null;
        this.classifier = classifier;
        this.filter = filter;
    }

    /// <inheritdoc/>
    public string Name => NameOf(Options);

    /// <summary>How pseudo-anomalies are made.</summary>
    public PseudoAnomalyOptions Options { get; }

    /// <summary>Whether no transform gives colour, because all normal images are grey.</summary>
    public bool AreGrey { get; }

    /// <summary>The filter's check; <see langword="null"/> without the filter.</summary>
    public FilterHealth? Health { get; }

    /// <summary>What was made so far. The difference of two readings is what happened between them.</summary>
    public PseudoAnomalyStatistics Statistics { get; private set; }

    private int MostTransforms
    {
        get
        {
            int most = Options.MaxTransforms == 0 ? transforms.Count - 1 : Math.Min(Options.MaxTransforms, transforms.Count - 1);
            return weights is null ? most : Math.Min(most, weights.Count(weight => weight > 0));
        }
    }

    private int FewestTransforms => Math.Min(Options.MinTransforms, MostTransforms);

    /// <summary>Hard transforms alone, whatever they give. The caller disposes the result.</summary>
    /// <param name="options">Which, and how many; their filter plays no part.</param>
    /// <param name="areGrey">Whether all normal images are grey.</param>
    internal static PseudoAnomalyGenerator Unfiltered(PseudoAnomalyOptions options, bool areGrey) =>
        new(new PseudoAnomalyRecord(options with { Filter = false }, null, PseudoAnomalyStatistics.None) { AreGrey = areGrey }, null, null);

    /// <summary>Trains the classifier, fits the mixture and checks the filter, or, without the filter, just takes the options. The caller disposes the result.</summary>
    /// <param name="normals">The normal training images; with the filter at least 16.</param>
    /// <param name="options">How.</param>
    /// <param name="streams">The run's random numbers.</param>
    /// <param name="device">Where the classifier is trained and where images will be.</param>
    /// <param name="progress">Told after each step of the classifier's training.</param>
    /// <param name="cancellation">Ends the training between two steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">There are too few images.</exception>
    /// <exception cref="InvalidOperationException">The classifier's training diverged.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static PseudoAnomalyGenerator Build(
        ImageSet normals, PseudoAnomalyOptions options, RandomStreams streams, Device device,
        IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        if (!options.Filter) return Unfiltered(options, normals.AreGrey);
        if (normals.Count < TooFewNormalsException.Fewest) throw new TooFewNormalsException(normals.Name, normals.Count);

        using Generator rng = streams.Create("filter");
        using Tensor permutation = randperm(normals.Count, ScalarType.Int64, CPU, generator: rng);
        long[] order = permutation.data<long>().ToArray();
        int validation = (int)Math.Round(options.ValidationShare * order.Length);
        PValueCalibration calibration = options.Calibration != PValueCalibration.Automatic ? options.Calibration
            : order.Length - validation >= FewestForSplit ? PValueCalibration.Split : PValueCalibration.CrossFit;
        int reference = calibration == PValueCalibration.Split ? (int)Math.Round(ReferenceShare * (order.Length - validation)) : 0;
        long[] validationImages = order[..validation], referenceImages = order[validation..(validation + reference)], fitImages = order[(validation + reference)..];

        IReadOnlyList<IImageTransform> transforms = options.CreateTransforms(normals.AreGrey);
        TransformationClassifier classifier = TransformationClassifier.Train(
            normals, fitImages, transforms, options.Classifier, streams, device, progress, cancellation);
        LikelihoodFilter? filter = null;
        try
        {
            using var scope = NewDisposeScope();
            Tensor fit = Embed(classifier, normals, fitImages);
            filter = calibration switch
            {
                PValueCalibration.Split => LikelihoodFilter.Fit(fit, Embed(classifier, normals, referenceImages), options.Mixture, rng),
                PValueCalibration.CrossFit => LikelihoodFilter.CrossFit(fit, options.Mixture, rng),
                _ => LikelihoodFilter.Fit(fit, fit, options.Mixture, rng),
            };
            Tensor? checks = validation == 0 ? null : filter.PValue(filter.LogLikelihood(Embed(classifier, normals, validationImages)));
            LikelihoodFilter fitted = filter;
            FilterHealth health = new(
                fitImages.Length, filter.ReferenceCount, validation, checks?.le(options.Significance).to(ScalarType.Float64).mean().item<double>(),
                checks?.mean().item<double>(), classifier.TrainingAccuracy)
            {
                Noticed = options.AdaptiveMix ? NoticedTransforms.Measure(
                    transforms, normals.Batch([.. NoticedTransforms.Rows(validation > 0 ? validationImages : fitImages)], device),
                    images => fitted.PValue(fitted.LogLikelihood(classifier.Embed(images))), options.Significance, rng) : null,
            };
            return new PseudoAnomalyGenerator(new PseudoAnomalyRecord(options, health, PseudoAnomalyStatistics.None) { AreGrey = normals.AreGrey }, classifier, filter);
        }
        catch
        {
            filter?.Dispose();
            classifier.Dispose();
            throw;
        }
    }

    /// <summary>A generator from an exported state, ready to go on without training again. The caller disposes it and still owns the state.</summary>
    /// <param name="state">What <see cref="Export"/> gave.</param>
    /// <param name="device">Where images will be.</param>
    /// <exception cref="ArgumentException">A tensor is missing or does not fit the options.</exception>
    internal static PseudoAnomalyGenerator Restore(PseudoAnomalyState state, Device device)
    {
        PseudoAnomalyOptions options = state.Record.Options;
        options.Validate();
        if (!options.Filter) return new PseudoAnomalyGenerator(state.Record, null, null);

        LikelihoodFilter filter = LikelihoodFilter.Import(name => Read(state, "filter." + name));
        using Generator unused = new(0, CPU);
        TransformationClassifier classifier = new(options.Classifier.Network, options.CreateTransforms(state.Record.AreGrey).Count + (options.Classifier.IncludeIdentity ? 1 : 0), unused);
        try
        {
            using var scope = NewDisposeScope();
            using IDisposable frozen = no_grad();
            foreach ((string name, Tensor target) in classifier.state_dict())
            {
                Tensor source = Read(state, "classifier." + name);
                if (!source.shape.SequenceEqual(target.shape))
                    throw new ArgumentException($"The tensor 'classifier.{name}' is [{string.Join(", ", source.shape)}], the options ask for [{string.Join(", ", target.shape)}].", nameof(state));
                target.copy_(source);
            }

            foreach (TorchSharp.Modules.Parameter parameter in classifier.parameters()) parameter.requires_grad = false;
            classifier.to(device);
            classifier.eval();
            if (filter.Dimensions != classifier.EmbeddingSize)
                throw new ArgumentException($"The mixture is over {filter.Dimensions} features, the classifier gives {classifier.EmbeddingSize}.", nameof(state));
            return new PseudoAnomalyGenerator(state.Record, classifier, filter);
        }
        catch
        {
            classifier.Dispose();
            filter.Dispose();
            throw;
        }
    }

    /// <summary>Copies of everything that <see cref="Restore"/> needs. The caller disposes the state.</summary>
    internal PseudoAnomalyState Export()
    {
        Dictionary<string, Tensor> tensors = [];
        foreach ((string name, Tensor value) in classifier?.state_dict() ?? []) Add("classifier." + name, value);
        foreach ((string name, Tensor value) in filter?.Export() ?? []) Add("filter." + name, value);
        return new PseudoAnomalyState(new PseudoAnomalyRecord(Options, Health, Statistics) { AreGrey = AreGrey }, tensors);

        void Add(string name, Tensor value)
        {
            using Tensor detached = value.detach();
            using Tensor local = detached.cpu();
            tensors[name] = local.clone().DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    /// <remarks>Mixing transforms take their partners from the other rows of <paramref name="normals"/>.</remarks>
    public Tensor Craft(Tensor normals, Generator rng)
    {
        using IDisposable frozen = no_grad();
        using var scope = NewDisposeScope();
        long batch = normals.size(0);
        Tensor pending = arange(batch);
        if (filter is null)
        {
            Statistics += new PseudoAnomalyStatistics(batch, batch, 0, 0);
            return Candidates(normals, pending, rng).MoveToOuterDisposeScope();
        }

        Tensor result = normals.clone(), lowest = full([batch], double.PositiveInfinity, dtype: ScalarType.Float64), pValues = ones(batch, dtype: ScalarType.Float64);
        long candidates = 0;
        for (int attempt = 0; attempt < Options.MaxTries && pending.numel() > 0; attempt++)
        {
            using var attemptScope = NewDisposeScope();
            candidates += pending.numel();
            Tensor crafted = Candidates(normals, pending, rng), likelihood = filter.LogLikelihood(classifier!.Embed(crafted)), p = filter.PValue(likelihood);

            // p rises with the likelihood, so an accepted candidate is always less likely than the rejected ones before it.
            Tensor better = likelihood.lt(lowest.index_select(0, pending)), improved = pending[better];
            result.index_copy_(0, improved.to(normals.device), crafted.index_select(0, better.nonzero().flatten().to(normals.device)));
            lowest.index_copy_(0, improved, likelihood[better]);
            pValues.index_copy_(0, improved, p[better]);
            pending = pending[p.gt(Options.Significance)].MoveToOuterDisposeScope();
        }

        Statistics += new PseudoAnomalyStatistics(batch, candidates, pending.numel(), pValues.sum().item<double>());
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>p(C(x)) of any images, e.g. of pseudo-anomalies to show; the caller disposes the result.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    /// <returns>float64 [B] on the CPU.</returns>
    /// <exception cref="InvalidOperationException">The filter is off.</exception>
    public Tensor PValues(Tensor images)
    {
        if (filter is null) throw new InvalidOperationException("This generator was made with PseudoAnomalyOptions.Filter = false: it has no classifier and no p-values.");
        using var scope = NewDisposeScope();
        return filter.PValue(filter.LogLikelihood(classifier!.Embed(images))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// ℓ(C(x)), the log-likelihood of each image's embedding, connected to the images in the autograd graph. The caller disposes the result.
    /// </summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on the generator's device.</param>
    /// <returns>float64 [B] on the images' device.</returns>
    /// <exception cref="InvalidOperationException">The filter is off.</exception>
    public Tensor LogLikelihood(Tensor images)
    {
        if (filter is null || classifier is null) throw new InvalidOperationException("This generator was made with PseudoAnomalyOptions.Filter = false: it has no classifier and no likelihoods.");
        using var scope = NewDisposeScope();
        return filter.DifferentiableLogLikelihood(classifier.DifferentiableEmbed(images)).MoveToOuterDisposeScope();
    }

    /// <summary>C's embeddings, the features that the filter judges by; the caller disposes them.</summary>
    internal Tensor Features(Tensor images) =>
        classifier?.Embed(images) ?? throw new InvalidOperationException("This generator was made with PseudoAnomalyOptions.Filter = false: it has no classifier and no features.");

    /// <inheritdoc/>
    public void Dispose()
    {
        classifier?.Dispose();
        filter?.Dispose();
    }

    /// <summary>The name of a generator with these options.</summary>
    internal static string NameOf(PseudoAnomalyOptions options) => options.Filter ? "hard transforms, filtered by likelihood" : "hard transforms, unfiltered";

    /// <summary>Number of transforms of each candidate, uniform between the bounds; int64 [count].</summary>
    internal Tensor SequenceLengths(long count, Generator rng) => RandomDraw.Below(rng, count, MostTransforms - FewestTransforms + 1) + FewestTransforms;

    /// <summary>Distinct transforms in random order for each candidate, [count, transforms]; of weight 0 last.</summary>
    internal Tensor Sequences(long count, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor draws = rand([count, transforms.Count], dtype: ScalarType.Float64, generator: rng);
        // Waiting times with the rates w come in the order of draws without replacement with the weights w.
        if (weights is not null) draws = (-(1 - draws).log() + double.Epsilon) / tensor(weights, dtype: ScalarType.Float64);
        return draws.argsort(1).MoveToOuterDisposeScope();
    }

    /// <summary>One candidate for each of the given rows: m distinct transforms in random order, m uniform.</summary>
    private Tensor Candidates(Tensor normals, Tensor rows, Generator rng)
    {
        long count = rows.numel();
        Tensor lengths = SequenceLengths(count, rng);
        Tensor sequences = Sequences(count, rng);
        // A partner is another row of the whole batch, whatever rows are still pending.
        Tensor partners = normals.size(0) == 1 ? rows : (rows + 1 + RandomDraw.Below(rng, count, normals.size(0) - 1)).remainder(normals.size(0));

        Tensor images = normals.index_select(0, rows.to(normals.device));
        for (int position = 0; position < MostTransforms; position++)
        {
            // The rows that have the same transform at this place of their sequence are transformed together.
            Tensor here = where(lengths.gt(position), sequences.select(1, position), -1);
            for (int t = 0; t < transforms.Count; t++)
            {
                Tensor chosen = here.eq(t).nonzero().flatten();
                if (chosen.numel() == 0) continue;
                using var scope = NewDisposeScope();
                Tensor onDevice = chosen.to(normals.device), input = images.index_select(0, onDevice);
                Tensor output = transforms[t] is IMixingTransform mixing
                    ? mixing.Apply(input, normals.index_select(0, partners.index_select(0, chosen).to(normals.device)), rng)
                    : transforms[t].Apply(input, rng);
                images.index_copy_(0, onDevice, output);
            }
        }

        return images;
    }

    private static Tensor Embed(TransformationClassifier classifier, ImageSet images, long[] indices) => BatchedPass.Join(
        indices.Length, TransformationClassifier.EmbeddingBatch,
        (start, size) => classifier.Embed(images.Batch(indices.AsSpan(start, size), classifier.Device)).cpu());

    private static Tensor Read(PseudoAnomalyState state, string name) => state.Tensors.TryGetValue(name, out Tensor? tensor)
        ? tensor
        : throw new ArgumentException($"The saved generator of pseudo-anomalies lacks the tensor '{name}'.", nameof(state));
}
