using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Imaging;
using CobraAD.Serialization;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>
/// Writes a picture of every image of a set with the detector's map over it: the image where it is only resized, else the whole picture that it was made of.
/// </summary>
internal static class HeatMapFolder
{
    private const int BatchSize = 8;

    /// <summary>Writes them.</summary>
    /// <param name="detector">A detector with a map or a gradient.</param>
    /// <param name="images">The images, of the size that it takes.</param>
    /// <param name="folder">Where to; made when it is missing.</param>
    /// <param name="taken">Names of pictures that are there already, to which those of these are added.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>The file of each image: its own name with .png, and a number where two have the same.</returns>
    /// <exception cref="NotSupportedException">The detector cannot say where.</exception>
    public static IReadOnlyList<string> Write(IAnomalyDetector detector, ImageSet images, string folder, HashSet<string> taken, CancellationToken cancellation)
    {
        IAnomalyMap maps = AnomalyMaps.Of(detector)
            ?? throw new NotSupportedException($"'{detector.Name}' gives scores only: it has no map and no gradient, so it cannot say where an image is anomalous.");
        Placement placement = Placements.Of(images.Framing);
        List<string> files = [];
        BatchedPass.Over(images.Count, BatchedPass.SizeFor(BatchSize, images.Height, images.Width), (start, size) =>
        {
            Tensor batch = images.Batch(start, size, detector.Device), map = maps.HeatMap(batch);
            for (int i = 0; i < size; i++)
            {
                string file = Path.Combine(folder, Free(Path.GetFileNameWithoutExtension(images.Sources[start + i])) + ".png");
                byte[] picture = images.Framing is null ? HeatMapPicture.Encode(batch[i], map[i]) : HeatMapPicture.EncodeWhole(images.Sources[start + i], placement, map[i]);
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
