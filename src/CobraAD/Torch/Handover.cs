namespace CobraAD.Torch;

/// <summary>For what a new owner takes over: if the owner cannot be made, only the finaliser would free the native memory, at its leisure.</summary>
internal static class Handover
{
    /// <summary>What <paramref name="make"/> makes of a part; the part is disposed if that throws.</summary>
    /// <param name="part">What the result will own, or is.</param>
    /// <param name="make">Makes the owner.</param>
    public static TOwner OrDispose<TOwner>(IDisposable part, Func<TOwner> make) => OrDispose(part, _ => make());

    /// <inheritdoc cref="OrDispose{TOwner}(IDisposable, Func{TOwner})"/>
    public static TOwner OrDispose<TPart, TOwner>(TPart part, Func<TPart, TOwner> make)
        where TPart : IDisposable
    {
        try
        {
            return make(part);
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }
}
