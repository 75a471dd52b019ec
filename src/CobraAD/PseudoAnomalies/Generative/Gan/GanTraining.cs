using CobraAD.Datasets;
using CobraAD.Optimization;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Gan;

/// <summary>
/// "goe-small": a DCGAN (Radford et al. 2016) of the normal images, sampled where it is unlikely: z ~ N(0, σ² I) with σ above the
/// training's 1, as GOE (Kirchheim et al. 2022) samples a large GAN. A stand-in for GOE, whose GAN knows all of ImageNet.
/// </summary>
/// <remarks>
/// The discriminator descends on softplus(-D(x)) + softplus(D(G(z))), the generator on softplus(-D(G(z))), the form that does not
/// saturate (Goodfellow et al. 2014).
/// </remarks>
internal static class GanTraining
{
    /// <summary>Trains a GAN and makes images with it; the caller disposes them.</summary>
    /// <param name="normals">The images to learn.</param>
    /// <param name="options">How.</param>
    /// <param name="streams">The run's random numbers.</param>
    /// <param name="device">Where it trains.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops it between two steps.</param>
    /// <returns>The images at the working size, and what to call them.</returns>
    /// <exception cref="ArgumentException">The images are too small.</exception>
    /// <exception cref="InvalidOperationException">A loss is no longer a finite number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static (ImageSet Images, string Name) Make(
        ImageSet normals, GanOptions options, RandomStreams streams, Device device, IProgress<PreparationProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        int depth = Depth(normals, options);
        WorkingSize size = WorkingSize.For(normals.Height, normals.Width, options.LargestSide, 1 << depth);
        using TrainingPixels pixels = new(normals, size, device, cancellation);
        int sampleBatches = SampleBatches.Count(options.Images);
        GenerativeSteps report = new("GAN", (long)options.TrainingSteps + sampleBatches, Math.Max(1, (double)pixels.Count / options.BatchSize), progress, cancellation);

        using GanGenerator generator = Train(pixels, options, depth, streams, device, report);
        string enlarged = size.Height == normals.Height && size.Width == normals.Width ? "" : $" made at {size.Width} × {size.Height} and enlarged";
        ImageSet images = Sample(generator, pixels, options, streams, device, report);
        return (images, FormattableString.Invariant(
            $"GOE-small: {images.Count} images{enlarged} by a DCGAN trained on the normal images for {options.TrainingSteps} steps, z ~ N(0, {options.Sigma}² I)"));
    }

    /// <summary>Three doublings up to 32 px and four above, so that the coarsest map is about 4 × 4.</summary>
    private static int Depth(ImageSet normals, GanOptions options) => Math.Min(Math.Max(normals.Height, normals.Width), options.LargestSide) <= 32 ? 3 : 4;

    private static GanGenerator Train(TrainingPixels pixels, GanOptions options, int depth, RandomStreams streams, Device device, GenerativeSteps report)
    {
        using Generator weights = streams.Create("GAN weights");
        GanGenerator generator = new(options, pixels.Channels, pixels.Size.PaddedHeight, pixels.Size.PaddedWidth, depth, weights);
        using GanDiscriminator discriminator = new(options, pixels.Channels, pixels.Size.PaddedHeight, pixels.Size.PaddedWidth, depth, weights);
        try
        {
            generator.to(device);
            discriminator.to(device);
            generator.train();
            discriminator.train();
            OptimizerOptions adam = new() { Name = "adam", Beta1 = options.Beta1, WeightDecay = 0 };
            using Optimizer ofGenerator = Optimizers.Create(adam, generator.named_parameters());
            using Optimizer ofDiscriminator = Optimizers.Create(adam, discriminator.named_parameters());
            Tensor[] generated = [.. generator.parameters()];
            ofGenerator.LearningRate = ofDiscriminator.LearningRate = options.LearningRate;
            for (int step = 0; step < options.TrainingSteps; step++)
            {
                report.ThrowIfCancelled();
                using StepScope scope = new();
                using Generator rng = streams.Create("GAN step", step);
                Tensor real = pixels.Draw(options.BatchSize, rng);
                Tensor made = generator.call(randn([options.BatchSize, options.LatentSize], generator: rng).to(device));

                ofDiscriminator.ZeroGradients();
                Tensor told = nn.functional.softplus(-discriminator.call(real)).mean() + nn.functional.softplus(discriminator.call(made.detach())).mean();
                told.backward();
                ofDiscriminator.Step();

                ofGenerator.ZeroGradients();
                Tensor fooled = nn.functional.softplus(-discriminator.call(made)).mean();
                autograd.backward([fooled], inputs: generated);
                ofGenerator.Step();

                (double discriminatorLoss, double generatorLoss) = (told.item<float>(), fooled.item<float>());
                if (!double.IsFinite(discriminatorLoss) || !double.IsFinite(generatorLoss))
                    throw new InvalidOperationException($"The GAN's losses became {discriminatorLoss} (discriminator) and {generatorLoss} (generator) in step {step + 1} of {options.TrainingSteps}. Lower its LearningRate, {options.LearningRate} now.");
                report.Report(generatorLoss);
            }

            // With the running statistics: those of a batch of inflated latents would deflate them again.
            generator.eval();
            return generator;
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    private static ImageSet Sample(GanGenerator generator, TrainingPixels pixels, GanOptions options, RandomStreams streams, Device device, GenerativeSteps report)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor images = SampleBatches.Draw(options.Images, streams, "GAN images", report, (count, rng) =>
        {
            Tensor latents = (randn([count, options.LatentSize], generator: rng) * options.Sigma).to(device);
            Tensor made = pixels.ToBytes(generator.call(latents));
            report.Report(null);
            return made;
        });
        return new ImageSet("GAN", images, [.. Enumerable.Range(0, options.Images).Select(i => $"GAN#{i}")]);
    }
}
