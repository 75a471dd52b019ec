using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Serialization;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>Writes a picture of every image of a set with the detector's map over it.</summary>
internal static class HeatMapFolder
{
    private const int BatchSize = 8;

    /// <summary>Writes them.</summary>
    /// <param name="detector">A detector with a map or a gradient.</param>
    /// <param name="images">The images, of the size that it takes.</param>
    /// <param name="folder">Where to; made when it is missing.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The file of each image: its own name with .png, and a number where two have the same.</returns>
    /// <exception cref="NotSupportedException">The detector cannot say where.</exception>
    public static IReadOnlyList<string> Write(IAnomalyDetector detector, ImageSet images, string folder, CancellationToken cancellation)
    {
        IAnomalyMap maps = AnomalyMaps.Of(detector)
            ?? throw new NotSupportedException($"'{detector.Name}' gives scores only: it has no map and no gradient, so it cannot say where an image is anomalous.");
        List<string> files = [];
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        BatchedPass.Over(images.Count, BatchedPass.SizeFor(BatchSize, images.Height, images.Width), (start, size) =>
        {
            Tensor batch = images.Batch(start, size, detector.Device), map = maps.HeatMap(batch);
            for (int i = 0; i < size; i++)
            {
                string file = Path.Combine(folder, Free(Path.GetFileNameWithoutExtension(images.Sources[start + i])) + ".png");
                byte[] picture = HeatMapPicture.Encode(batch[i], map[i]);
                AtomicFile.Write(file, stream => stream.Write(picture));
                files.Add(file);
            }
        }, cancellation);
        return files;

        string Free(string name)
        {
            string free = name;
            for (int i = 2; !taken.Add(free); i++) free = $"{name}-{i}";
            return free;
        }
    }
}
