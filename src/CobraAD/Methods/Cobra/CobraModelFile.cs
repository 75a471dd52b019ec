using CobraAD.Detection;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Common;
using CobraAD.Networks;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>The file of a COBRA detector: its network and bank as tensors, its card as the manifest.</summary>
internal static class CobraModelFile
{
    /// <summary>A larger bank stays in its file and comes from the disk as far as searches touch it.</summary>
    private const long LargestReadBank = 1L << 30;

    private const string NetworkGroup = "network", BankGroup = "bank", Embeddings = "embeddings";

    /// <summary>Writes a detector; the file appears complete or not at all.</summary>
    public static void Write(string path, CobraDetector detector)
    {
        CobraModelCard card = detector.Card;
        ModelManifest manifest = new()
        {
            Kind = CobraDetector.Kind,
            Data = card.Data,
            Options = CobraJson.ToNode(card.Options),
            Calibration = CobraJson.ToNode(card.Calibration),
            Health = CobraJson.ToNode(card.Health),
            History = ModelHistory.ToNode(card.History),
        };
        ModelArchive.Write(path, manifest, new Dictionary<string, IReadOnlyDictionary<string, Tensor>>
        {
            [NetworkGroup] = detector.Network.state_dict(),
            [BankGroup] = new Dictionary<string, Tensor> { [Embeddings] = detector.Bank.Embeddings },
        });
    }

    /// <summary>Reads a detector; the caller disposes it.</summary>
    /// <param name="path">A file that <see cref="Write"/> made.</param>
    /// <param name="device">Where the detector runs; the CPU when <see langword="null"/>.</param>
    /// <param name="score">
    /// The score to report; the file's own when <see langword="null"/>. The file's threshold holds for its own score only, so with another
    /// one the detector has none that an image could exceed.
    /// </param>
    /// <param name="largestRead">Groups of tensors of more bytes than this stay on the disk.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds something else.</exception>
    public static CobraDetector Read(string path, Device? device, (CobraScore Score, CobraScoreConstants Constants)? score = null, long largestRead = LargestReadBank)
    {
        // Before the CPU is named, which loads libtorch.
        TorchRuntime.EnsureInitialized();
        Device place = device ?? CPU;
        using ModelArchive archive = ModelArchive.Read(path, largestRead);
        CobraModelCard card = CardOf(path, archive.Manifest);
        if (score is { } other && (other.Score != card.Score || other.Constants != card.Options.ScoreConstants)) card = card.With(other.Score, other.Constants);

        CobraNetwork network = ReadNetwork(card.Options, archive, path);
        return Handover.OrDispose(network, () =>
        {
            if (!archive.Group(BankGroup).TryGetValue(Embeddings, out Tensor? embeddings))
                throw new ModelFormatException($"{path}: the bank has no tensor '{Embeddings}'. Train the model again.");
            network.to(place);
            return new CobraDetector(network, new EmbeddingBank(place.type == DeviceType.CPU ? embeddings.alias() : embeddings.to(place)), card);
        });
    }

    /// <summary>Reads what a file says about its detector, without the tensors.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds something else.</exception>
    public static CobraModelCard ReadCard(string path) => CardOf(path, ModelArchive.ReadManifest(path));

    /// <summary>The network that a model file or a checkpoint holds, on the CPU; the caller disposes it.</summary>
    /// <exception cref="ModelFormatException">The file's tensors do not fit the options.</exception>
    internal static CobraNetwork ReadNetwork(CobraOptions options, ModelArchive archive, string path, string group = NetworkGroup)
    {
        using Generator unused = new(0, CPU);
        CobraNetwork network = new(options.Network, unused);
        return Handover.OrDispose(network, () =>
        {
            StateDictionary.Load(network, archive.Group(group), path);
            return network;
        });
    }

    private static CobraModelCard CardOf(string path, ModelManifest manifest)
    {
        if (manifest.Kind != CobraDetector.Kind)
            throw new ModelFormatException($"{path}: expected a model of kind '{CobraDetector.Kind}', found '{manifest.Kind}'. A checkpoint continues with 'cobra train --resume'.");
        return new CobraModelCard(
            CobraJson.FromNode<CobraOptions>(manifest.Options, $"{path}, manifest.json, options"),
            manifest.Data ?? throw new ModelFormatException($"{path}: the manifest does not say what the model was trained on. Train it again."),
            ScoreCalibration.Read(manifest.Calibration, $"{path}, manifest.json, calibration"),
            CobraJson.FromNode<CobraHealth>(manifest.Health, $"{path}, manifest.json, health"))
        { History = ModelHistory.Read(manifest.History, path) };
    }
}
