using CobraAD.Runtime;

namespace CobraAD.Server.Scoring;

/// <summary>Loads models.</summary>
internal interface IScorerLoader
{
    /// <summary>Loads a model and scores with it once, so that a broken one fails here.</summary>
    /// <param name="path">The exported model's file.</param>
    /// <param name="isSent">Whether it came over the network: it must then be what 'cobra export' writes, and small in memory.</param>
    /// <param name="threshold">The raw score above which a part is anomalous; the model's own when <see langword="null"/>.</param>
    /// <exception cref="ModelRejectedException">The file is not a model that can be served.</exception>
    IScorer Load(string path, bool isSent = false, double? threshold = null);
}
