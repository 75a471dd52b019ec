using CobraAD.Datasets;
using CobraAD.Networks.Backbones;
using CobraAD.Torch;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Methods.Common;

/// <summary>The circumstances of one training of a method, and the loops that all of them share.</summary>
/// <param name="images">The images to train on.</param>
/// <param name="seed">Of everything random.</param>
/// <param name="session">Device, progress and cancellation.</param>
internal sealed class TrainingLoop(ImageSet images, long seed, TrainingSession session)
{
    private readonly List<TrainedPhase> phases = [];

    public ImageSet Images => images;

    public Device Device => session.Device ?? CPU;

    public CancellationToken Cancellation => session.Cancellation;

    public RandomStreams Streams { get; } = new(seed);

    public IReadOnlyList<TrainedPhase> Phases => phases;

    /// <summary>Where the weights came from that the training started with, if the method uses any.</summary>
    public WeightOrigin? Backbone { get; set; }

    /// <summary>Trains for some epochs, each over a fresh permutation of the images.</summary>
    /// <param name="phase">What progress is reported as.</param>
    /// <param name="name">What is trained, for the record of losses.</param>
    /// <param name="epochs">Passes over the images; with 0 nothing happens.</param>
    /// <param name="batchSize">Largest batch.</param>
    /// <param name="step">Takes one step and returns its loss; what it makes is disposed afterwards.</param>
    /// <param name="itemsPerEpoch">Images of one epoch, by repetition when there are fewer; 0 for each image once.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">A loss is not finite.</exception>
    public void Train(TrainingPhase phase, string name, int epochs, int batchSize, Func<EpochBatch, Tensor> step, int itemsPerEpoch = 0)
    {
        if (epochs == 0) return;
        using IDisposable tensorFloat32 = TensorFloat32.Train();
        RandomStreams order = new(Streams.Derive(name));
        int stepsPerEpoch = EpochOrder.StepsPerEpoch(images.Count, itemsPerEpoch, batchSize);
        List<double> losses = [];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            EpochOrder batches = new(images.Count, itemsPerEpoch, batchSize, order, epoch);
            double sum = 0;
            for (int i = 0; i < stepsPerEpoch; i++)
            {
                session.Cancellation.ThrowIfCancellationRequested();
                using StepScope scope = new();
                long taken = (long)epoch * stepsPerEpoch + i;
                double loss = step(new EpochBatch(images.Batch(batches.Batch(i), Device), epoch, taken)).to(ScalarType.Float64).item<double>();
                if (!double.IsFinite(loss)) throw new TrainingDivergedException($"The loss of the {name} became {loss} in epoch {epoch + 1}, step {i + 1}. Use a lower learning rate.");
                sum += loss;
                session.Progress?.Report(new TrainingProgress(phase, taken + 1, (long)epochs * stepsPerEpoch, epoch + 1, loss, null));
            }

            losses.Add(sum / stepsPerEpoch);
        }

        phases.Add(new TrainedPhase(name, losses));
    }

    /// <summary>What a function says about every training image, in order and without gradients; the caller disposes the result.</summary>
    /// <param name="map">Images [b, 3, H, W] to a tensor [b, …].</param>
    /// <param name="most">Only the first images, at most this many.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Tensor ForAll(Func<Tensor, Tensor> map, int most = int.MaxValue) =>
        BatchedPass.Join(Math.Min(most, images.Count), BatchedPass.Size, (start, size) => map(images.Batch(start, size, Device)), session.Cancellation);

    /// <summary>Shows the training images in order and without gradients.</summary>
    /// <param name="look">Gets [b, 3, H, W]; what it makes is disposed afterwards.</param>
    /// <param name="most">Only the first images, at most this many.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void ForEachBatch(Action<Tensor> look, int most = int.MaxValue) =>
        BatchedPass.Over(Math.Min(most, images.Count), BatchedPass.Size, (start, size) => look(images.Batch(start, size, Device)), session.Cancellation);
}

/// <summary>The images of one training step and where the training stands.</summary>
/// <param name="Images">[b, 3, H, W] in [0, 1]; disposed after the step.</param>
/// <param name="Epoch">Finished epochs of the phase.</param>
/// <param name="Step">Steps taken before, over all epochs of the phase.</param>
internal readonly record struct EpochBatch(Tensor Images, int Epoch, long Step);
