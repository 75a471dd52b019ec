using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CobraAD.Tests;

/// <summary>
/// Which room of the library uses which. A room is the first part of a namespace after <c>CobraAD</c>; what lies in <c>CobraAD</c> itself is
/// the door. Only names count, so comments, strings and the crefs of documentation may point anywhere.
/// </summary>
internal sealed class House
{
    public const string Door = "the door";

    /// <summary>Stands for all rooms at once: what a <c>global using</c> speaks for.</summary>
    public const string EveryRoom = "every room";

    private const string Library = "CobraAD";

    private readonly List<Source> sources;
    private readonly HashSet<string> doorNames;

    /// <summary>What can follow a room's name in code: its types and the namespaces inside it.</summary>
    private readonly Dictionary<string, HashSet<string>> namesIn;

    /// <summary>Reads source texts.</summary>
    /// <param name="files">Path, as findings name it, and text.</param>
    public House(IEnumerable<(string Path, string Text)> files)
    {
        sources = [.. files.Select(file => new Source(file.Path, file.Text))];
        doorNames = [.. sources.Where(source => source.Room == Door).SelectMany(source => source.Names)];
        namesIn = sources.Where(source => source.Room != Door)
            .GroupBy(source => source.Room)
            .ToDictionary(room => room.Key, room => room.SelectMany(source => source.Names).ToHashSet());
    }

    /// <summary>One place where a room uses another.</summary>
    public sealed record Arrow(string Path, int Line, string From, string To)
    {
        public override string ToString() => $"{Path}:{Line}: {From} may not use {To}";
    }

    /// <summary>The rooms that have code.</summary>
    public IEnumerable<string> Rooms => doorNames.Count > 0 ? namesIn.Keys.Append(Door) : namesIn.Keys;

    /// <summary>What the parser could not read; a house with such files is not fully checked.</summary>
    public IEnumerable<string> Unread => sources.SelectMany(source => source.Tree.GetDiagnostics()).Select(error => error.ToString());

    /// <summary>Every use of another room.</summary>
    public IEnumerable<Arrow> Arrows =>
        from source in sources
        from use in Uses(source)
        where use.Room != source.Room || use.From == EveryRoom
        select new Arrow(source.Path, source.Tree.GetLineSpan(use.Node.Span).StartLinePosition.Line + 1, use.From, use.Room);

    private IEnumerable<(SyntaxNode Node, string From, string Room)> Uses(Source source)
    {
        HashSet<string> members = source.Members;
        foreach (SyntaxNode node in source.Tree.GetRoot().DescendantNodes(node => !IsNameOfNamespace(node)))
        {
            if (IsNameOfNamespace(node) || Target(node, members) is not { } room) continue;
            bool isGlobal = node.FirstAncestorOrSelf<UsingDirectiveSyntax>() is { GlobalKeyword.RawKind: not 0 };
            yield return (node, isGlobal ? EveryRoom : source.Room, room);
        }
    }

    /// <summary>The room that a name leads to; <see langword="null"/> if it is no name, or not the beginning of one.</summary>
    private string? Target(SyntaxNode node, HashSet<string> members) => node switch
    {
        QualifiedNameSyntax name => Target(name.Left, name.Right),
        MemberAccessExpressionSyntax access => Target(access.Expression, access.Name),
        IdentifierNameSyntax { Identifier.Text: Library, Parent: UsingDirectiveSyntax } => Door,
        // Every room sees the door's types without a word: they lie in the namespace around it.
        SimpleNameSyntax name when doorNames.Contains(name.Identifier.Text) && IsFirst(name) && !members.Contains(name.Identifier.Text) => Door,
        _ => null,
    };

    private string? Target(ExpressionSyntax left, SimpleNameSyntax right)
    {
        string? first = left is AliasQualifiedNameSyntax global ? global.Name.Identifier.Text : (left as IdentifierNameSyntax)?.Identifier.Text;
        string second = right.Identifier.Text;
        if (first == Library) return doorNames.Contains(second) ? Door : second;
        // A property may be called like a room (`report.Attacks`): then what follows is none of the room's names.
        return first is not null && namesIn.TryGetValue(first, out HashSet<string>? names) && names.Contains(second) ? first : null;
    }

    private static bool IsFirst(SimpleNameSyntax name) => name.Parent switch
    {
        QualifiedNameSyntax parent => parent.Left == name,
        MemberAccessExpressionSyntax parent => parent.Expression == name,
        MemberBindingExpressionSyntax or NameColonSyntax or AliasQualifiedNameSyntax => false,
        // `new() { Detector = … }` and `with { Detector = … }` name a member of something else.
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } assignment => assignment.Left != name,
        _ => true,
    };

    private static bool IsNameOfNamespace(SyntaxNode node) => node.Parent is BaseNamespaceDeclarationSyntax space && space.Name == node;

    private sealed class Source
    {
        private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, DocumentationMode.None);

        public Source(string path, string text)
        {
            Path = path;
            Tree = CSharpSyntaxTree.ParseText(text, Options, path);
            BaseNamespaceDeclarationSyntax[] spaces = [.. Tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()];
            string[] parts = spaces.Length == 0 ? [] : spaces[0].Name.ToString().Split('.');
            Room = parts.Length > 1 ? parts[1] : Door;
            IEnumerable<string> types = spaces.SelectMany(space => space.Members).Select(NameOf).OfType<string>();
            Names = [.. types, .. parts.Skip(2).Take(1)];
        }

        public string Path { get; }

        public SyntaxTree Tree { get; }

        public string Room { get; }

        /// <summary>The types of the file, and the part of its namespace that follows the room.</summary>
        public IReadOnlyList<string> Names { get; }

        /// <summary>Names that mean something of the file's own: members, parameters and variables.</summary>
        public HashSet<string> Members =>
        [
            .. Tree.GetRoot().DescendantNodes().Select(node => node switch
            {
                PropertyDeclarationSyntax property => property.Identifier.Text,
                MethodDeclarationSyntax method => method.Identifier.Text,
                LocalFunctionStatementSyntax function => function.Identifier.Text,
                VariableDeclaratorSyntax variable => variable.Identifier.Text,
                ParameterSyntax parameter => parameter.Identifier.Text,
                EnumMemberDeclarationSyntax member => member.Identifier.Text,
                _ => null,
            }).OfType<string>(),
        ];

        private static string? NameOf(MemberDeclarationSyntax declaration) => declaration switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            _ => null,
        };
    }
}
