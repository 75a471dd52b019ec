using CobraAD.Datasets;
using CobraAD.Detection;

namespace CobraAD.Methods.Maintenance;

/// <summary>What became of new good parts.</summary>
/// <param name="Update">What the model file keeps of it.</param>
/// <param name="Refused">Parts unlike the good ones, the worst first; those accepted by name among them.</param>
/// <param name="Known">Files that the model knows already, or that occur twice: they say nothing new and are left out.</param>
/// <param name="Unreadable">Files that could not be read.</param>
public sealed record UpdateResult(ModelUpdate Update, IReadOnlyList<RefusedPart> Refused, IReadOnlyList<string> Known, IReadOnlyList<UnreadableImage> Unreadable);
