using CobraAD.Datasets;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies.Generative.Gan;
using CobraAD.PseudoAnomalies.Quality;
using CobraAD.Torch;
using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Diffusion;

/// <summary>
/// "fitymi-small": a DDPM of the normal images (Ho et al. 2020), sampled from a moment of its training at which its images are near to
/// normal, but not quite, as FITYMI (Mirzaei et al. 2022) samples a large score model. A stand-in for it.
/// </summary>
/// <remarks>It learns by descending on the mean of (ε - ε̂(x_t, t))² with t uniform from 1 to T.</remarks>
internal sealed class DiffusionTraining : IDisposable
{
    private const double LargestGradient = 1, SmallestDistance = 1e-12;

    private readonly DiffusionOptions options;
    private readonly TrainingPixels pixels;
    private readonly RandomStreams streams;
    private readonly Device device;
    private readonly GenerativeSteps report;
    private readonly NoiseSchedule schedule;
    private readonly UNet network, average;

    private DiffusionTraining(TrainingPixels pixels, DiffusionOptions options, RandomStreams streams, Device device, GenerativeSteps report)
    {
        this.options = options;
        this.pixels = pixels;
        this.streams = streams;
        this.device = device;
        this.report = report;
        schedule = new NoiseSchedule(options.Schedule, options.NoiseSteps);
        using Generator weights = streams.Create("diffusion weights"), unused = new(0, CPU);
        network = new UNet(pixels.Channels, options.Width, weights);
        average = new UNet(pixels.Channels, options.Width, unused);
        network.to(device);
        average.to(device);
    }

    private bool IsMeasured => options.StopMultiple is not null;

    /// <summary>Trains a diffusion and makes images with it; the caller disposes them.</summary>
    /// <inheritdoc cref="GanTraining.Make"/>
    public static (ImageSet Images, string Name) Make(
        ImageSet normals, DiffusionOptions options, RandomStreams streams, Device device, IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        WorkingSize size = WorkingSize.For(normals.Height, normals.Width, options.LargestSide, UNet.Multiple);
        using TrainingPixels pixels = new(normals, size, device, cancellation);
        int sampleBatches = SampleBatches.Count(options.Images);
        GenerativeSteps report = new("diffusion", (long)options.TrainingSteps + sampleBatches, Math.Max(1, (double)pixels.Count / options.BatchSize), progress, cancellation);
        using DiffusionTraining diffusion = new(pixels, options, streams, device, report);

        string moment = diffusion.Train();
        string enlarged = size.Height == normals.Height && size.Width == normals.Width ? "" : $" made at {size.Width} × {size.Height} and enlarged";
        ImageSet images = diffusion.Sample();
        return (images, FormattableString.Invariant(
            $"FITYMI-small: {images.Count} images{enlarged} by a DDPM trained on the normal images, {moment}, {options.SamplingSteps} DDIM steps"));
    }

    public void Dispose()
    {
        network.Dispose();
        average.Dispose();
    }

    /// <summary>Trains, leaves the chosen weights in the average, and says which moment they are from.</summary>
    private string Train()
    {
        OptimizerOptions adam = new() { Name = "adam", WeightDecay = 0 };
        using Optimizer optimizer = Optimizers.Create(adam, network.named_parameters());
        using Generator ofFeatures = streams.Create("diffusion features");
        using RandomFeatures features = new(ofFeatures, device);
        using Tensor? wanted = IsMeasured ? NormalFeatures(features) : null;
        using EarlyStop stop = new(options.StopMultiple ?? 1);
        optimizer.LearningRate = options.LearningRate;
        WeightAverage running = new(average, network, WeightAverage.Slow(options.AverageDecay));
        for (int step = 0; step < options.TrainingSteps; step++)
        {
            report.ThrowIfCancelled();
            double loss = Step(step, optimizer);
            if (!double.IsFinite(loss))
                throw new InvalidOperationException($"The diffusion's loss became {loss} in step {step + 1} of {options.TrainingSteps}. Lower its LearningRate, {options.LearningRate} now.");
            running.Update();
            bool isCheck = (step + 1) % options.CheckEvery == 0 || step == options.TrainingSteps - 1;
            if (wanted is not null && isCheck) stop.Offer(step + 1, Distance(features, wanted), Weights);
            report.Report(loss);
        }

        if (wanted is null) return FormattableString.Invariant($"stopped at step {options.TrainingSteps}");
        using IDisposable frozen = no_grad();
        foreach ((TorchSharp.Modules.Parameter target, Tensor chosen) in average.parameters().Zip(stop.Chosen.Weights)) target.copy_(chosen);
        return FormattableString.Invariant(
            $"stopped at step {stop.Chosen.Step} of {options.TrainingSteps}, where the Fréchet distance on random features was {stop.Chosen.Distance / stop.Smallest:0.0} times the smallest");
    }

    private double Step(int step, Optimizer optimizer)
    {
        using StepScope scope = new();
        using Generator rng = streams.Create("diffusion step", step);
        Tensor clean = pixels.Draw(options.BatchSize, rng);
        Tensor t = RandomDraw.Below(rng, options.BatchSize, schedule.Steps) + 1;
        Tensor noise = randn(clean.shape, generator: rng).to(device);
        Tensor loss = (network.call(schedule.Noisy(clean, t, noise), t.to(ScalarType.Float32).to(device)) - noise).square().mean();
        optimizer.ZeroGradients();
        loss.backward();
        optimizer.ClipGradients(LargestGradient);
        optimizer.Step();
        return loss.item<float>();
    }

    /// <summary>The features of as many normal images as there are samples in a measurement: a distance depends on the numbers of both.</summary>
    private Tensor NormalFeatures(RandomFeatures features)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = streams.Create("diffusion measurement");
        Tensor order = randperm(pixels.Count, ScalarType.Int64, CPU, generator: rng);
        Tensor chosen = order.narrow(0, 0, Math.Min(options.CheckImages, pixels.Count));
        return cat([.. chosen.split(SampleBatches.Size).Select(part => features.Of(pixels.Crop(pixels.Batch(part))))]).MoveToOuterDisposeScope();
    }

    private double Distance(RandomFeatures features, Tensor wanted)
    {
        using DisposeScope scope = NewDisposeScope();
        // The same noise each time: the distances differ by what was learnt, not by what was drawn.
        Tensor found = SampleBatches.Draw(
            options.CheckImages, streams, "diffusion check", report, (count, rng) => features.Of(pixels.Crop(Images(count, options.CheckSamplingSteps, rng))));

        // Rounding can leave the distance of equal sets a little below 0, where no multiple of it is larger.
        return Math.Max(SmallestDistance, FrechetDistance.Between(wanted, found));
    }

    private ImageSet Sample()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor images = SampleBatches.Draw(options.Images, streams, "diffusion images", report, (count, rng) =>
        {
            Tensor made = pixels.ToBytes(Images(count, options.SamplingSteps, rng));
            report.Report(null);
            return made;
        });
        return new ImageSet("diffusion", images, [.. Enumerable.Range(0, options.Images).Select(i => $"diffusion#{i}")]);
    }

    /// <summary>Images of the average's weights, padded and in [-1, 1]; the caller disposes them.</summary>
    private Tensor Images(int count, int steps, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor start = randn([count, pixels.Channels, pixels.Size.PaddedHeight, pixels.Size.PaddedWidth], generator: rng).to(device);
        return Ddim.Sample((x, t) => average.call(x, full([count], t, ScalarType.Float32, device)), start, schedule, steps).MoveToOuterDisposeScope();
    }

    private List<Tensor> Weights()
    {
        using IDisposable frozen = no_grad();
        return [.. average.parameters().Select(parameter => parameter.clone().DetachFromDisposeScope())];
    }
}
