using CobraAD.Runtime;
using CobraAD.Server.Scoring;

namespace CobraAD.Server.Tests;

/// <summary>Takes files that begin with "model" for models; remembers what it loaded.</summary>
internal sealed class FakeLoader : IScorerLoader
{
    public List<FakeScorer> Loaded { get; } = [];

    /// <summary>What a score does besides: take its time, or wait until the test lets it go on.</summary>
    public Action? Working { get; init; }

    public IScorer Load(string path, bool isSent = false, double? threshold = null)
    {
        byte[] content = File.ReadAllBytes(path);
        if (!content.AsSpan().StartsWith("model"u8)) throw new ModelRejectedException($"{path}: no model.");
        FakeScorer scorer = new(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), threshold ?? 0.5) { Working = Working };
        Loaded.Add(scorer);
        return scorer;
    }
}
