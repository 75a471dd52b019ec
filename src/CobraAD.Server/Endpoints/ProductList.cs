namespace CobraAD.Server.Endpoints;

/// <summary>The products of a service.</summary>
/// <param name="Products">Their names; empty where there is one model, which needs none.</param>
public sealed record ProductList(IReadOnlyList<string> Products);
