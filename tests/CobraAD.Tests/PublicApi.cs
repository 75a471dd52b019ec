using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace CobraAD.Tests;

/// <summary>What an assembly shows to others, as text: one block a type, by namespace and name, without what the compiler makes.</summary>
internal static class PublicApi
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>The types that others see.</summary>
    public static IReadOnlyList<Type> Types(Assembly assembly) =>
    [
        .. assembly.GetExportedTypes().Where(IsWritten)
            .OrderBy(type => type.Namespace, StringComparer.Ordinal).ThenBy(FullName, StringComparer.Ordinal),
    ];

    /// <summary>The whole text.</summary>
    public static string Describe(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (IGrouping<string?, Type> space in Types(assembly).GroupBy(type => type.Namespace))
        {
            text.Append(CultureInfo.InvariantCulture, $"namespace {space.Key}\n");
            foreach (Type type in space) text.Append('\n').Append(Describe(type));
            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>The block of one type.</summary>
    public static string Describe(Type type) => string.Concat(Members(type).Select(member => $"    {member}\n").Prepend(Header(type) + "\n"));

    private static string Header(Type type)
    {
        string name = FullName(type);
        if (type.IsEnum)
        {
            string number = Name(Enum.GetUnderlyingType(type));
            return $"{Word("[Flags]", type.IsDefined(typeof(FlagsAttribute)))}enum {name}{(number == "int" ? "" : $" : {number}")}";
        }

        if (type.IsSubclassOf(typeof(Delegate)))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"delegate {Result(invoke.ReturnParameter)} {name}({Parameters(invoke)})";
        }

        string kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsValueType: true } => $"{Word("readonly", IsReadOnly(type))}{Word("ref", type.IsByRefLike)}{Word("record", IsRecord(type))}struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => $"{Word("abstract", type.IsAbstract)}{Word("sealed", type.IsSealed)}{(IsRecord(type) ? "record" : "class")}",
        };
        return $"{kind} {name}{Bases(type)}{Constraints(type.GetGenericArguments())}";
    }

    /// <summary>Base class and the interfaces that neither it nor another interface brings along.</summary>
    private static string Bases(Type type)
    {
        Type[] all = type.GetInterfaces();
        IEnumerable<Type> brought = all.SelectMany(one => one.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []);
        IEnumerable<string> interfaces = all.Except(brought)
            .Where(one => one.IsVisible && !(IsRecord(type) && one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEquatable<>)))
            .Select(one => Name(one)).Order(StringComparer.Ordinal);
        bool hasBase = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType);
        string[] bases = [.. hasBase ? [Name(type.BaseType!)] : Array.Empty<string>(), .. interfaces];
        return bases.Length == 0 ? "" : " : " + string.Join(", ", bases);
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate))) return [];
        if (type.IsEnum)
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {Value(field.GetRawConstantValue())}");
        return
        [
            .. Lines(type.GetFields(Own).Where(field => IsSeen(field) && IsWritten(field)), Describe),
            .. Lines(type.GetConstructors(Own).Where(constructor => IsSeen(constructor) && !IsCopyOfRecord(constructor)), Describe),
            .. Lines(type.GetProperties(Own).Where(property => Accessors(property).Any() && property.Name != "EqualityContract"), Describe),
            .. Lines(type.GetEvents(Own).Where(one => IsSeen(one.AddMethod!)), Describe),
            .. Lines(type.GetMethods(Own).Where(IsOwnMethod), Describe),
        ];

        static IEnumerable<string> Lines<T>(IEnumerable<T> members, Func<T, string> describe)
            where T : MemberInfo => members
            .Select(member => (member.Name, Line: describe(member)))
            .OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Line, StringComparer.Ordinal)
            .Select(member => member.Line);
    }

    private static string Describe(EventInfo one) => $"{Modifiers(one.AddMethod!)}event {Name(one.EventHandlerType!)} {one.Name}";

    private static string Describe(FieldInfo field)
    {
        string type = Name(field.FieldType, new NullabilityInfoContext().Create(field), Names(field));
        if (field.IsLiteral) return $"{Access(field)}const {type} {field.Name} = {Value(field.GetRawConstantValue())}";
        return $"{Access(field)}{Word("static", field.IsStatic)}{Word("readonly", field.IsInitOnly)}{Required(field)}{type} {field.Name}";
    }

    private static string Describe(ConstructorInfo constructor) =>
        $"{Access(constructor)}{ShortName(constructor.DeclaringType!)}({Parameters(constructor)})";

    private static string Describe(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. Accessors(property)];
        MethodInfo widest = accessors.FirstOrDefault(accessor => accessor.IsPublic) ?? accessors[0];
        string verbs = string.Concat(accessors.Select(accessor =>
        {
            string verb = accessor == property.GetMethod ? "get" : IsInit(accessor) ? "init" : "set";
            return $"{(accessor.IsPublic == widest.IsPublic ? "" : Access(accessor))}{verb}; ";
        }));
        string type = Name(property.PropertyType, new NullabilityInfoContext().Create(property), Names(property));
        string name = property.GetIndexParameters() is { Length: > 0 } index ? $"this[{string.Join(", ", index.Select(Describe))}]" : property.Name;
        return $"{Modifiers(widest)}{Required(property)}{type} {name} {{ {verbs}}}";
    }

    private static string Describe(MethodInfo method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        string head = $"{Modifiers(method)}{Result(method.ReturnParameter)} {method.Name}{generic}";
        return $"{head}({Parameters(method)}){Constraints(method.GetGenericArguments())}";
    }

    private static string Parameters(MethodBase method) =>
        Word("this", method.IsDefined(typeof(ExtensionAttribute))) + string.Join(", ", method.GetParameters().Select(Describe));

    private static string Describe(ParameterInfo parameter)
    {
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        string passing = parameter switch
        {
            { ParameterType.IsByRef: false } => "",
            { IsOut: true } => "out ",
            { IsIn: true } => "in ",
            _ => "ref ",
        };
        string standard = parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue, parameter.ParameterType)}" : "";
        return $"{Word("params", isParams)}{passing}{Result(parameter)} {parameter.Name}{standard}";
    }

    private static string Result(ParameterInfo parameter) =>
        Name(parameter.ParameterType, new NullabilityInfoContext().Create(parameter), Names(parameter));

    private static string Value(object? value, Type? type = null)
    {
        Type? bare = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => type is { IsValueType: true } && type == bare ? "default" : "null",
            string text => SymbolDisplay.FormatLiteral(text, quote: true),
            bool yes => yes ? "true" : "false",
            _ when bare is { IsEnum: true } => $"{ShortName(bare)}.{Enum.ToObject(bare, value)}",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static string Modifiers(MethodInfo method)
    {
        // A member of an interface is public, and abstract unless it says otherwise.
        if (method.DeclaringType!.IsInterface)
            return method.IsStatic ? $"static {Word("abstract", method.IsAbstract)}" : Word("virtual", !method.IsAbstract);
        bool overrides = method.GetBaseDefinition().DeclaringType != method.DeclaringType;
        string kind = method switch
        {
            { IsStatic: true } => "static ",
            _ when overrides => $"{Word("sealed", method.IsFinal)}{Word("abstract", method.IsAbstract)}override ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return Access(method) + kind;
    }

    private static string Access(MethodBase method) => method.DeclaringType!.IsInterface || method.IsPublic ? "" : "protected ";

    private static string Access(FieldInfo field) => field.IsPublic ? "" : "protected ";

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(argument => argument.IsGenericParameter).Select(argument =>
    {
        GenericParameterAttributes special = argument.GenericParameterAttributes;
        bool isValue = special.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        string[] wanted =
        [
            .. special.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : isValue ? ["struct"] : Array.Empty<string>(),
            .. argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(type => Name(type)),
            .. special.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isValue ? ["new()"] : Array.Empty<string>(),
        ];
        return wanted.Length == 0 ? "" : $" where {argument.Name} : {string.Join(", ", wanted)}";
    }));

    private static string Name(Type type, NullabilityInfo? nullability = null, Queue<string?>? tupleNames = null)
    {
        if (type.IsByRef) return Name(type.GetElementType()!, nullability?.ElementType ?? nullability, tupleNames);
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value, nullability, tupleNames) + "?";
        bool isNullable = nullability is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable };
        string mark = isNullable && !type.IsValueType ? "?" : "";
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, nullability?.ElementType, tupleNames)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (Keywords.TryGetValue(type, out string? keyword)) return keyword + mark;
        if (!type.IsGenericType) return ShortName(type) + mark;

        Type[] arguments = type.GetGenericArguments();
        bool isTuple = type.IsAssignableTo(typeof(ITuple)) && type.IsValueType;
        string?[] elements = [.. arguments.Select(_ => isTuple && tupleNames?.TryDequeue(out string? name) == true ? name : null)];
        IEnumerable<string> parts = arguments.Select((argument, i) =>
            Name(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i), tupleNames) + (elements[i] is { } name ? $" {name}" : ""));
        return isTuple ? $"({string.Join(", ", parts)})" : $"{ShortName(type)}<{string.Join(", ", parts)}>{mark}";
    }

    /// <summary>The names of tuple elements, in the order in which a type is read.</summary>
    private static Queue<string?> Names(ICustomAttributeProvider member) =>
        new(member.GetCustomAttributes(typeof(TupleElementNamesAttribute), inherit: false).Cast<TupleElementNamesAttribute>()
            .SelectMany(attribute => attribute.TransformNames));

    private static string FullName(Type type)
    {
        string outer = type.DeclaringType is { } around ? $"{FullName(around)}." : "";
        string generic = type.IsGenericTypeDefinition ? $"<{string.Join(", ", type.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        return outer + ShortName(type) + generic;
    }

    private static string Word(string word, bool applies) => applies ? word + " " : "";

    private static string Required(MemberInfo member) => Word("required", member.IsDefined(typeof(RequiredMemberAttribute)));

    private static string ShortName(Type type) => type.Name.Split('`')[0];

    private static IEnumerable<MethodInfo> Accessors(PropertyInfo property) => property.GetAccessors(nonPublic: true).Where(IsSeen);

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsSeen(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static bool IsWritten(MemberInfo member) =>
        !member.IsDefined(typeof(CompilerGeneratedAttribute)) && !member.Name.Contains('<', StringComparison.Ordinal);

    /// <summary>No accessor, and nothing that the compiler adds to a record: it marks its own.</summary>
    private static bool IsOwnMethod(MethodInfo method) =>
        IsSeen(method) && IsWritten(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal));

    private static bool IsReadOnly(Type type) => type.IsDefined(typeof(IsReadOnlyAttribute));

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Own) is not null || type.GetMethod("<Clone>$", Own) is not null;

    private static bool IsCopyOfRecord(ConstructorInfo constructor) =>
        IsRecord(constructor.DeclaringType!) && constructor.GetParameters() is [{ } only] && only.ParameterType == constructor.DeclaringType;
}
