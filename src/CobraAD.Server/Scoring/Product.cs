using CobraAD.Server.Drift;

namespace CobraAD.Server.Scoring;

/// <summary>What is inspected with one model: the model in use, how it is replaced, and whether its parts still look as they did.</summary>
/// <param name="Name">What requests and results call it; <see langword="null"/> where a service has one model, which needs no name.</param>
/// <param name="Models">The model in use.</param>
/// <param name="Installer">Replaces it.</param>
/// <param name="Drift">Told of every score.</param>
internal sealed record Product(string? Name, ModelHost Models, ModelInstaller Installer, DriftMonitor Drift) : IDisposable
{
    public void Dispose()
    {
        Installer.Dispose();
        Models.Dispose();
    }
}
