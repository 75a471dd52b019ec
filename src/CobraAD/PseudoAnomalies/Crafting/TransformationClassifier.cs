using CobraAD.Datasets;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Torch;
using CobraAD.Transforms;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>
/// C: names the transform that was applied to an image (paper, section 3.1). Trained from scratch on transformed copies of the normal
/// images; its features before the last layer are the embedding in which normal images are likely.
/// </summary>
internal sealed class TransformationClassifier : nn.Module<Tensor, Tensor>
{
    /// <summary>Images of one pass that embeds.</summary>
    internal const int EmbeddingBatch = 256;

    private readonly ResNet encoder;
    private readonly Linear head;

    /// <summary>A classifier with fresh weights on the CPU.</summary>
    /// <param name="options">Shape of the network.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public TransformationClassifier(ResNetOptions options, int classes, Generator rng)
        : base(nameof(TransformationClassifier))
    {
        encoder = new ResNet(options, rng);
        head = LinearLayer.Create(encoder.FeatureSize, classes, rng);
        RegisterComponents();
    }

    /// <summary>Length of an embedding.</summary>
    public int EmbeddingSize => encoder.FeatureSize;

    /// <summary>Share of correctly named transforms in the last epoch of <see cref="Train"/>; 0 for a classifier that was not trained here.</summary>
    public double TrainingAccuracy { get; private set; }

    /// <summary>Where the weights live and where images must be.</summary>
    public Device Device => head.weight!.device;

    /// <summary>Trains a classifier: class i is the i-th transform. It comes back in evaluation mode; the caller disposes it.</summary>
    /// <param name="images">The normal images.</param>
    /// <param name="indices">Which of them to train on; partners of mixing transforms are taken from these as well.</param>
    /// <param name="transforms">The transforms.</param>
    /// <param name="options">Shape and training.</param>
    /// <param name="streams">The run's random numbers.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="progress">Told after each step, and of the mean loss with the last step of an epoch.</param>
    /// <param name="cancellation">Ends the training between two steps.</param>
    /// <exception cref="InvalidOperationException">The loss is no longer a finite number.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    public static TransformationClassifier Train(
        ImageSet images, IReadOnlyList<long> indices, IReadOnlyList<IImageTransform> transforms, TransformationClassifierOptions options,
        RandomStreams streams, Device device, IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        IImageTransform?[] classes = options.IncludeIdentity ? [.. transforms, null] : [.. transforms];
        using Generator weights = streams.Create("classifier weights");
        TransformationClassifier classifier = new(options.Network, classes.Length, weights);
        try
        {
            classifier.to(device);
            classifier.train();
            using optim.Optimizer optimizer = optim.SGD(
                classifier.parameters(), options.LearningRate, options.Momentum, weight_decay: options.WeightDecay);
            for (int epoch = 0; epoch < options.Epochs; epoch++)
                classifier.TrainEpoch(epoch, images, indices, classes, options, optimizer, streams, progress, cancellation);
            classifier.eval();
            foreach (Parameter parameter in classifier.parameters()) parameter.requires_grad = false;
            return classifier;
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <summary>Class logits of images; the caller disposes them.</summary>
    /// <param name="input">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    public override Tensor forward(Tensor input)
    {
        using Tensor features = encoder.call(input);
        return head.call(features);
    }

    /// <summary>Embeddings of images, in chunks and without a gradient; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>[B, <see cref="EmbeddingSize"/>].</returns>
    public Tensor Embed(Tensor images) =>
        BatchedPass.Join((int)images.size(0), EmbeddingBatch, (start, size) => encoder.call(images.narrow(0, start, size)));

    /// <summary>Embeddings connected to the images in the autograd graph; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    internal Tensor DifferentiableEmbed(Tensor images) => encoder.call(images);

    private void TrainEpoch(
        int epoch, ImageSet images, IReadOnlyList<long> indices, IImageTransform?[] classes, TransformationClassifierOptions options,
        optim.Optimizer optimizer, RandomStreams streams, IProgress<PreparationProgress>? progress, CancellationToken cancellation)
    {
        using var epochScope = NewDisposeScope();
        using Generator rng = streams.Create("classifier epoch", epoch);
        // Item i is image i / classes under transform i % classes.
        int items = indices.Count * classes.Length, steps = Math.Max(1, items / options.BatchSize);
        long[] order = randperm(items, ScalarType.Int64, CPU, generator: rng).data<long>().ToArray();
        Tensor lossSum = zeros(1, device: Device), correct = zeros(1, ScalarType.Int64, Device);

        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using StepScope scope = new();
            double done = (epoch + (double)step / steps) / options.Epochs;
            foreach (var group in optimizer.ParamGroups) group.LearningRate = options.LearningRate * (1 + Math.Cos(Math.PI * done)) / 2;

            // Batches differ by at most one image: a small last one would upset batch normalisation.
            ArraySegment<long> batch = new(order, (int)((long)step * items / steps), (int)((long)(step + 1) * items / steps - (long)step * items / steps));
            (Tensor input, Tensor target) = Transformed(batch, images, indices, classes, rng);
            Tensor logits = call(input), loss = nn.functional.cross_entropy(logits, target);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            using (no_grad())
            {
                lossSum.add_(loss.detach(), batch.Count);
                correct.add_(logits.argmax(1).eq(target).sum());
            }

            if (step < steps - 1) Report(step + 1, null);
        }

        double meanLoss = lossSum.item<float>() / items;
        if (!double.IsFinite(meanLoss))
            throw new InvalidOperationException($"The transformation classifier's loss became {meanLoss} in epoch {epoch + 1} of {options.Epochs}. Lower its LearningRate, {options.LearningRate} now.");
        TrainingAccuracy = (double)correct.item<long>() / items;
        Report(steps, meanLoss);

        void Report(int done, double? loss) =>
            progress?.Report(new PreparationProgress("pseudo-anomaly filter", epoch + 1, (long)epoch * steps + done, (long)options.Epochs * steps, loss));
    }

    private (Tensor Input, Tensor Target) Transformed(
        ArraySegment<long> items, ImageSet images, IReadOnlyList<long> indices, IImageTransform?[] classes, Generator rng)
    {
        List<Tensor> inputs = [];
        List<long> targets = [];
        foreach (IGrouping<long, long> group in items.GroupBy(item => item % classes.Length).OrderBy(group => group.Key))
        {
            int[] places = [.. group.Select(item => (int)(item / classes.Length))];
            Tensor clean = images.Batch([.. places.Select(place => indices[place])], Device);
            inputs.Add(classes[group.Key] switch
            {
                null => clean,
                IMixingTransform mixing => mixing.Apply(clean, Partners(places, images, indices, rng), rng),
                IImageTransform transform => transform.Apply(clean, rng),
            });
            targets.AddRange(Enumerable.Repeat(group.Key, places.Length));
        }

        return (cat(inputs), tensor(targets.ToArray(), device: Device));
    }

    /// <summary>For each place another one of the training images.</summary>
    private Tensor Partners(int[] places, ImageSet images, IReadOnlyList<long> indices, Generator rng)
    {
        long[] shifts = RandomDraw.Below(rng, places.Length, Math.Max(1, indices.Count - 1)).data<long>().ToArray();
        return images.Batch([.. places.Zip(shifts, (place, shift) => indices[(int)((place + 1 + shift) % indices.Count)])], Device);
    }
}
