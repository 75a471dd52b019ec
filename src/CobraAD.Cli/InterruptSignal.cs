using System.Runtime.InteropServices;

namespace CobraAD.Cli;

/// <summary>Ctrl+C and SIGTERM: the first asks the command to finish its step and clean up, the second ends the process as if nobody listened.</summary>
internal sealed class InterruptSignal : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly TextWriter error;

    public InterruptSignal(TextWriter error)
    {
        this.error = error;
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        error.WriteLine("Stopping after the current step; press Ctrl+C again to stop at once.");
        source.Cancel();
    }
}
