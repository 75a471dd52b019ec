using CobraAD.Attacks.Records;

namespace CobraAD.Evaluation.Robustness;

/// <summary>
/// The two ledgers of an evaluation: the union of all attacks, and the one that the attack under way writes in. Attacks that go on where the
/// ones before them stopped write in the union itself.
/// </summary>
internal sealed class LedgerPair : IDisposable
{
    /// <param name="union">Where everything ends; not disposed.</param>
    /// <param name="order">How the attacks share the images.</param>
    public LedgerPair(Ledger union, AttackOrder order)
    {
        Union = union;
        IsShared = order == AttackOrder.Sequential;
        Current = IsShared ? union : union.Fresh();
    }

    public Ledger Union { get; }

    public Ledger Current { get; }

    /// <summary>Whether both are the same ledger.</summary>
    public bool IsShared { get; }

    /// <summary>Takes over into the union what the current attack found and cost.</summary>
    public void Unite()
    {
        if (!IsShared) Union.Absorb(Current, withCost: true);
    }

    /// <summary>Makes the current ledger ready for the next attack.</summary>
    public void Next()
    {
        if (!IsShared) Current.Forget();
    }

    public void Write(BinaryWriter writer)
    {
        LedgerFile.Write(Union, writer);
        if (!IsShared) LedgerFile.Write(Current, writer);
    }

    public void Read(BinaryReader reader)
    {
        LedgerFile.Read(Union, reader);
        if (!IsShared) LedgerFile.Read(Current, reader);
    }

    public void Dispose()
    {
        if (!IsShared) Current.Dispose();
    }
}
