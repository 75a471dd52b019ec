namespace CobraAD.Server.Results;

/// <summary>Which results are wanted; always newest first.</summary>
/// <param name="Limit">The most results to give.</param>
/// <param name="Before">Only results with a smaller number: the next page.</param>
/// <param name="After">Only results with a larger number: what is new.</param>
/// <param name="Anomalous">Only results with this decision.</param>
/// <param name="Model">Only results of the model with this hash.</param>
/// <param name="Product">Only results of this product.</param>
internal sealed record ResultQuery(int Limit, long? Before = null, long? After = null, bool? Anomalous = null, string? Model = null, string? Product = null);
